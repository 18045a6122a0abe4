namespace SessionCluster.Silo.Membership;

/// <summary>
/// Answers from the shared table itself, never from what this silo heard of it: a silo that was evicted may be the last to hear.
/// One loop reads. Callers that need a fresh answer share the next read, which begins after they asked; a read every second
/// keeps the time known for which the version has not changed.
/// </summary>
internal sealed partial class MembershipWatch(IMemberTable table, TimeProvider time, ILogger<MembershipWatch> log)
    : LifecycleStep, IMembershipWatch, IDisposable
{
    /// <summary>How often the table is read when nobody asks.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>How long one read may take; a caller then hears false, which costs a wait and nothing else.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private Task _run = Task.CompletedTask;
    private TaskCompletionSource<Sight?> _next = NewRound();
    private TaskCompletionSource _wake = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Sight? _last;

    /// <summary>The newest that proves this process to have been a member that knew the newest membership; null since it was no member.</summary>
    private Sight? _proof;
    private bool _failing;
    private bool _stopped;

    public long KnownVersion => table.KnownVersion;

    public long SettledVersion(TimeSpan period) =>
        Volatile.Read(ref _last) is { IsMember: true, IsShared: false } last && last.Version == KnownVersion && time.GetElapsedTime(last.VersionSeen) >= period ? last.Version : IMembershipWatch.NotSettled;

    public async ValueTask<bool> UnchangedFor(TimeSpan period, long version) => await Look() is { IsMember: true, IsShared: false } sight
        && sight.Version == version && time.GetElapsedTime(sight.VersionSeen) >= period;

    public async ValueTask<bool> WasMemberWithin(TimeSpan period) =>
        Proves(Volatile.Read(ref _proof), period) || Proves(await Look(), period);

    /// <summary>Before the silo starts: it answers from the first turn of a grain to the last.</summary>
    public override Task StartingAsync(CancellationToken cancellationToken)
    {
        _run = Run(_stopping.Token);
        return Task.CompletedTask;
    }

    /// <summary>After the silo has left.</summary>
    public override async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _run;
    }

    public void Dispose() => _stopping.Dispose();

    internal async Task Run(CancellationToken stoppingToken)
    {
        await using var timer = time.CreateTimer(static watch => ((MembershipWatch)watch!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        await using var stop = stoppingToken.Register(Wake);
        while (!stoppingToken.IsCancellationRequested)
        {
            var (round, wake) = TakeRound();
            round.SetResult(await Read(stoppingToken));
            timer.Change(Period, Timeout.InfiniteTimeSpan);
            await wake;
            timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        Stop();
    }

    private static TaskCompletionSource<Sight?> NewRound() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The moment proved lies between the start of the read and its end: counted from the start, it is never too young.</summary>
    private bool Proves(Sight? sight, TimeSpan period) =>
        sight is { IsMember: true, KnewNewest: true } && sight.Started.Age(time) < period;

    /// <summary>What a read sees that begins from now on; null when it fails.</summary>
    private Task<Sight?> Look()
    {
        lock (_gate)
        {
            if (_stopped)
            {
                return Task.FromResult<Sight?>(null);
            }

            _wake.TrySetResult();
            return _next.Task;
        }
    }

    /// <summary>From here on those who ask are for the read after this one.</summary>
    private (TaskCompletionSource<Sight?> Round, Task Wake) TakeRound()
    {
        lock (_gate)
        {
            var round = _next;
            _next = NewRound();
            _wake = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return (round, _wake.Task);
        }
    }

    private void Wake()
    {
        lock (_gate)
        {
            _wake.TrySetResult();
        }
    }

    private async Task<Sight?> Read(CancellationToken stoppingToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stoppingToken);
        var started = Moment.Now(time);
        var known = table.KnownVersion;
        try
        {
            var read = await table.Read(either.Token).WaitAsync(either.Token);
            if (known < read.Version)
            {
                table.LearnOf(read.Version);
            }

            var since = _last is { } last && last.Version == read.Version ? last.VersionSeen : time.GetTimestamp();
            var sight = new Sight(read.Version, since, started, read.IsMember, read.IsShared, known >= read.Version);
            if (read.IsShared && _last is not { IsShared: true })
            {
                LogShared();
            }

            Volatile.Write(ref _last, sight);
            Volatile.Write(ref _proof, !sight.IsMember ? null : sight.KnewNewest ? sight : _proof);
            _failing = false;
            return sight;
        }
        catch (Exception exception)
        {
            if (!_failing && !stoppingToken.IsCancellationRequested)
            {
                LogNotRead(exception);
            }

            _failing = true;
            return null;
        }
    }

    private void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            _next.TrySetResult(null);
        }
    }

    [LoggerMessage(4301, LogLevel.Warning, "The membership table cannot be read; until it can, endings wait their full time and no leases are granted.", EventName = "MembershipNotRead")]
    private partial void LogNotRead(Exception exception);

    [LoggerMessage(4302, LogLevel.Error, "Another cluster serves the same database; while it does, endings wait their full time. One database serves one cluster: stop one of them.", EventName = "DatabaseShared")]
    private partial void LogShared();

    /// <summary>What a read saw.</summary>
    /// <param name="Version">The membership's version.</param>
    /// <param name="VersionSeen">When the first read that saw it had ended.</param>
    /// <param name="Started">When this read began.</param>
    /// <param name="IsMember">Whether this silo was a member.</param>
    /// <param name="IsShared">Whether another cluster serves the same database.</param>
    /// <param name="KnewNewest">Whether this silo acted on this version, or a newer one, before the read began.</param>
    private sealed record Sight(long Version, long VersionSeen, Moment Started, bool IsMember, bool IsShared, bool KnewNewest);
}

/// <summary>The membership that all silos of a cluster share, and what this silo has heard of it.</summary>
internal interface IMemberTable
{
    /// <summary>The newest membership that this silo acts on. Rises only.</summary>
    long KnownVersion { get; }

    /// <summary>Reads the table, now.</summary>
    Task<MemberRead> Read(CancellationToken cancellationToken);

    /// <summary>Sees to it that this silo hears of a membership that it does not know yet. Returns at once.</summary>
    void LearnOf(long version);
}

/// <summary>What one read of the table saw.</summary>
/// <param name="Version">The version of the membership: every join, leave and suspicion raises it.</param>
/// <param name="IsMember">Whether this silo is an active member by it.</param>
/// <param name="IsShared">Whether members of another cluster serve the same database, which no start allows but a long freeze may bring about.</param>
internal readonly record struct MemberRead(long Version, bool IsMember, bool IsShared = false);
