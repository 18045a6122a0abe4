namespace SessionCluster.Conformance.Tests;

public abstract class TimerTests(IRuntime runtime) : ConformanceTests(runtime)
{
    private readonly string key = $"timer-{Guid.NewGuid():N}";

    private ITimedGrain Timed => Cluster.Grains.GetGrain<ITimedGrain>(key);

    [Fact]
    public Task A_timer_ticks_again_and_again() => Run(async () =>
    {
        await Timed.Start(TickKind.Plain);

        await Signals.Expect($"tick 3 {key}");
    });

    [Fact]
    public Task A_timer_goes_on_after_exceptions() => Run(async () =>
    {
        await Timed.Start(TickKind.Throwing);

        await Signals.Expect($"tick 3 {key}");
    });

    [Fact]
    public Task A_tick_waits_for_the_present_request() => Run(async () =>
    {
        var held = Timed.StartAndHold($"gate {key}");
        await Signals.Expect($"begun gate {key}");

        // Another grain's timer, started later, shows that this one's was due.
        var other = Cluster.Grains.GetGrain<ITimedGrain>($"{key}-other");
        await other.Start(TickKind.Plain);
        await Signals.Expect($"tick 3 {key}-other");
        Signals.Give($"gate {key}");

        Assert.Equal(0, await held);
        await Signals.Expect($"tick 1 {key}");
    });

    [Fact]
    public Task A_request_waits_for_the_present_tick_and_ticks_never_overlap() => Run(async () =>
    {
        await Timed.Start(TickKind.Lasting);
        await Signals.Expect($"tick 1 {key}");
        var waiting = Timed.Step();

        Assert.Equal(1, await Timed.Ticks());
        Assert.False(Signals.IsGiven($"step {key}"));
        Signals.Give($"open {key}");
        await waiting;
        await Signals.Expect($"tick 3 {key}");

        Assert.False(Signals.IsGiven($"overlap {key}"));
    });

    [Fact]
    public Task A_timer_ends_with_its_activation() => Run(async () =>
    {
        await Timed.Start(TickKind.Plain);
        await Signals.Expect($"tick 1 {key}");
        await Timed.Leave();
        var ticks = int.Parse(await Signals.Expect($"left {key}"), System.Globalization.CultureInfo.InvariantCulture);
        var other = Cluster.Grains.GetGrain<ITimedGrain>($"{key}-other");
        await other.Start(TickKind.Plain);
        await Signals.Expect($"tick 5 {key}-other");

        Assert.False(Signals.IsGiven($"tick {ticks + 1} {key}"));
        Assert.Equal(0, await Timed.Ticks());
    });

    [Fact]
    public Task A_disposed_timer_ticks_no_more() => Run(async () =>
    {
        await Timed.Start(TickKind.Plain);
        await Signals.Expect($"tick 1 {key}");
        await Timed.Stop();
        var ticks = await Timed.Ticks();
        var other = Cluster.Grains.GetGrain<ITimedGrain>($"{key}-other");
        await other.Start(TickKind.Plain);
        await Signals.Expect($"tick 5 {key}-other");

        Assert.Equal(ticks, await Timed.Ticks());
    });
}
