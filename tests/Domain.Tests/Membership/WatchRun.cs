using Microsoft.Extensions.Options;
using SessionCluster.Sessions;
using SessionCluster.Silo.Membership;

namespace SessionCluster.Domain.Tests.Membership;

/// <summary>A watch over a table that the test changes, on one thread, in virtual time.</summary>
internal sealed class WatchRun : IMemberTable, IFatalErrorHandler
{
    private readonly SimLoop _loop = new(new Random(1));
    private readonly SimTime _time;

    public WatchRun()
    {
        _time = _loop.Time;
        Watch = new MembershipWatch(this, Options.Create(new LeaseOptions { LedgerFreshness = TimeSpan.FromSeconds(5) }), new WallTime(this, _time), this, Log);
    }

    public KeptLog<MembershipWatch> Log { get; } = new();

    public MembershipWatch Watch { get; }

    public MemberRead Table { get; set; } = new(7, IsMember: true);

    public long KnownVersion { get; set; } = 7;

    /// <summary>By how much the wall clock is ahead, as after a sleep in which the other one stood still.</summary>
    public TimeSpan Slept { get; set; }

    /// <summary>How long a read takes; it sees the table as it is at its end.</summary>
    public TimeSpan ReadTime { get; set; }

    public long Timestamp => _time.GetTimestamp();

    public bool IsBroken { get; set; }

    public int Reads { get; private set; }

    public List<long> ToldOf { get; } = [];

    /// <summary>Why the process would have ended, each time.</summary>
    public List<string?> Ends { get; } = [];

    public async Task<MemberRead> Read(CancellationToken cancellationToken)
    {
        Reads++;
        if (ReadTime > TimeSpan.Zero)
        {
            await Task.Delay(ReadTime, _time, cancellationToken);
        }

        return IsBroken ? throw new IOException("The database is away.") : Table;
    }

    public void LearnOf(long version) => ToldOf.Add(version);

    public bool IsUnexpected(Exception exception) => true;

    public void OnFatalException(object? sender = null, string? context = null, Exception? exception = null) => Ends.Add(context);

    /// <summary>Runs the test beside the watch's own loop.</summary>
    public void Run(Func<Task> body)
    {
        using var stop = new CancellationTokenSource();
        Task? watch = null, task = null;
        _loop.Add(() => watch = Watch.Run(stop.Token));
        _loop.Add(() => task = body());
        Assert.True(_loop.RunUntil(() => task is { IsCompleted: true }, _time.Elapsed + TimeSpan.FromHours(1), 100_000), "The run came to a halt.");
        Assert.True(task!.IsCompletedSuccessfully, task.Exception?.ToString());
        _loop.Add(stop.Cancel);
        Assert.True(_loop.RunUntil(() => watch is { IsCompleted: true }, _time.Elapsed + TimeSpan.FromHours(1), 100_000), "The watch did not stop.");
    }

    public Task Wait(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds), _time);

    private sealed class WallTime(WatchRun run, SimTime time) : TimeProvider
    {
        public override long TimestampFrequency => time.TimestampFrequency;

        public override long GetTimestamp() => time.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + run.Slept;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => time.CreateTimer(callback, state, dueTime, period);
    }
}
