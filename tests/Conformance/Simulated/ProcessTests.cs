namespace SessionCluster.Conformance.Tests.Simulated;

/// <summary>What the simulated runtime can do to messages and processes; real ones do it too seldom for a test.</summary>
public sealed class ProcessTests
{
    private const string Key = "process";

    [Fact]
    public void A_message_that_arrives_twice_is_heard_twice_and_answered_once() => Run(async cluster =>
    {
        var observer = new CountingObserver();
        var telling = cluster.Grains.GetGrain<ITellingGrain>(Key);
        await telling.Watch(cluster.Grains.CreateObjectReference<IProbeObserver>(observer));
        cluster.Copies = 2;
        await telling.TellPassing("news");

        Assert.StartsWith("heard", await cluster.Signals.Expect("outcome news"), StringComparison.Ordinal);
        await Task.Delay(TimeSpan.FromSeconds(1), cluster.Time);

        // The call to the grain arrived twice as well.
        Assert.Equal(4, observer.Heard);
    });

    [Fact]
    public void A_message_that_is_lost_times_out() => Run(async cluster =>
    {
        var observer = new CountingObserver();
        var telling = cluster.Grains.GetGrain<ITellingGrain>(Key);
        await telling.Watch(cluster.Grains.CreateObjectReference<IProbeObserver>(observer));
        cluster.Copies = 0;

        await Assert.ThrowsAsync<TimeoutException>(() => telling.Tell("news"));
        Assert.Equal(0, observer.Heard);
    });

    [Fact]
    public void What_waits_in_a_client_does_not_go_on_after_its_end() => Run(async cluster =>
    {
        var steps = new List<string>();
        var lost = cluster.Client.Run(() => Work(cluster, steps, "lost"));
        await Task.Delay(TimeSpan.FromMilliseconds(500), cluster.Time);
        await cluster.RestartClient();
        var done = cluster.Client.Run(() => Work(cluster, steps, "done"));

        Assert.True(await done);
        Assert.False(lost.IsCompleted);
        Assert.Equal(["lost begins", "done begins", "done ends"], steps);
    });

    private static async Task<bool> Work(SimulatedCluster cluster, List<string> steps, string name)
    {
        steps.Add($"{name} begins");
        await Task.Delay(TimeSpan.FromSeconds(1), cluster.Time);
        await cluster.Grains.GetGrain<IProbeGrain>(Key).Step(name);
        steps.Add($"{name} ends");
        return true;
    }

    private static void Run(Func<SimulatedCluster, Task> test)
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var cluster = new SimulatedCluster(seed);
            var failure = cluster.Run(_ => test(cluster));
            Assert.True(failure is null, $"seed {seed}: {failure}");
        }
    }

    private sealed class CountingObserver : IProbeObserver
    {
        public int Heard { get; private set; }

        public Task<string> Answer(string name) => Task.FromResult($"heard {++Heard}");

        public Task<string> Pass(string name) => Answer(name);

        public Task<string> Brief(string name) => Answer(name);
    }
}
