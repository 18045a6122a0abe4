using SessionCluster.Sessions;

namespace SessionCluster.Check.Tests;

/// <summary>The path of nearly every request: a check of a session that holds a lease.</summary>
public sealed class WarmCheckTests
{
    private const int Rounds = 1000;

    // An object's header and type, and its fields, as the 64-bit runtime lays them out.
    private const int ResultBytes = 16 + 8 + 8 + 8;
    private const int TaskBytes = 72;

    [Fact]
    public async Task It_allocates_its_result_and_the_results_task_and_nothing_else()
    {
        await using var host = await GrainHost.Start(new MadeUpRows(1, withPlace: true), time: new StoppedTime());
        var (session, use) = (host.Session(1), GrainHost.Use(1));
        await Warm(host, 1);

        Assert.Equal((ResultBytes + TaskBytes) * Rounds, await LeastAllocated(() => session.Validate(use)));
    }

    [Fact]
    public async Task It_reads_and_writes_no_storage()
    {
        var rows = new MadeUpRows(1, withPlace: false);
        await using var host = await GrainHost.Start(rows, time: new StoppedTime());
        await host.Session(1).Validate(GrainHost.Use(1));
        var asked = 0;
        rows.Asked = _ => asked++;

        for (var i = 0; i < Rounds; i++)
        {
            Assert.True((await host.Session(1).Validate(GrainHost.Use(1))).IsActive);
        }

        Assert.Equal(0, asked);
    }

    [Fact]
    public async Task It_is_answered_at_once_on_the_callers_thread()
    {
        await using var host = await GrainHost.Start(new MadeUpRows(1, withPlace: false), time: new StoppedTime());
        await Warm(host, 1);

        Assert.True(host.Session(1).Validate(GrainHost.Use(1)).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Another_users_turn_that_holds_its_thread_holds_nobody_else_up()
    {
        var rows = new MadeUpRows(1, withPlace: false);
        await using var host = await GrainHost.Start(rows, time: new StoppedTime());
        await Warm(host, 1);
        using var entered = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        rows.Asked = key =>
        {
            // The user of session 2 and the session itself are read in turns of their grains.
            entered.Set();
            leave.Wait();
        };
        var held = host.Session(2).Validate(GrainHost.Use(2));
        entered.Wait();

        // On this thread, while the other is inside its turn: a shared lock would never be given.
        var warm = host.Session(1).Validate(GrainHost.Use(1));

        Assert.True(warm.IsCompletedSuccessfully);
        Assert.False(held.IsCompleted);
        leave.Set();
        Assert.True((await held).IsActive);
    }

    // The first answer can come a moment before its turn is over; a call within that moment is queued.
    private static async Task Warm(GrainHost host, int session)
    {
        var atOnce = false;
        for (var attempt = 0; attempt < 100 && !atOnce; attempt++)
        {
            var check = host.Session(session).Validate(GrainHost.Use(session));
            atOnce = check.IsCompletedSuccessfully;
            Assert.True((await check).IsActive);
        }
    }

    // The least of several tries: until the runtime has compiled a method for good, it may box what it does not later.
    private static async Task<long> LeastAllocated(Action call)
    {
        var least = long.MaxValue;
        for (var attempt = 0; attempt < 50; attempt++)
        {
            least = Math.Min(least, Allocated(call));
            await Task.Delay(20);
        }

        return least;
    }

    private static long Allocated(Action call)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Rounds; i++)
        {
            call();
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>Stands still, so that leases hold and nothing is due.</summary>
    private sealed class StoppedTime : TimeProvider
    {
        private readonly DateTimeOffset now = System.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => now;

        public override long GetTimestamp() => 1;
    }
}
