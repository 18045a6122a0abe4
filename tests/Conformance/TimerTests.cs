namespace SessionCluster.Conformance.Tests;

public abstract class TimerTests(IRuntime runtime) : ConformanceTests(runtime)
{
    private readonly string _key = $"timer-{Guid.NewGuid():N}";

    private ITimedGrain Timed => Cluster.Grains.GetGrain<ITimedGrain>(_key);

    [Fact]
    public Task A_timer_ticks_again_and_again() => Run(async () =>
    {
        await Timed.Start(TickKind.Plain);

        await Signals.Expect($"tick 3 {_key}");
    });

    [Fact]
    public Task A_timer_goes_on_after_exceptions() => Run(async () =>
    {
        await Timed.Start(TickKind.Throwing);

        await Signals.Expect($"tick 3 {_key}");
    });

    [Fact]
    public Task A_tick_waits_for_the_present_request() => Run(async () =>
    {
        var held = Timed.StartAndHold($"gate {_key}");
        await Signals.Expect($"begun gate {_key}");

        // Another grain's timer, started later, shows that this one's was due.
        var other = Cluster.Grains.GetGrain<ITimedGrain>($"{_key}-other");
        await other.Start(TickKind.Plain);
        await Signals.Expect($"tick 3 {_key}-other");
        Signals.Give($"gate {_key}");

        Assert.Equal(0, await held);
        await Signals.Expect($"tick 1 {_key}");
    });

    [Fact]
    public Task A_request_waits_for_the_present_tick_and_ticks_never_overlap() => Run(async () =>
    {
        await Timed.Start(TickKind.Lasting);
        await Signals.Expect($"tick 1 {_key}");
        var waiting = Timed.Step();

        Assert.Equal(1, await Timed.Ticks());
        Assert.False(Signals.IsGiven($"step {_key}"));
        Signals.Give($"open {_key}");
        await waiting;
        await Signals.Expect($"tick 3 {_key}");

        Assert.False(Signals.IsGiven($"overlap {_key}"));
    });

    [Fact]
    public Task A_timer_ends_with_its_activation() => Run(async () =>
    {
        await Timed.Start(TickKind.Plain);
        await Signals.Expect($"tick 1 {_key}");
        await Timed.Leave();
        var ticks = int.Parse(await Signals.Expect($"left {_key}"), System.Globalization.CultureInfo.InvariantCulture);
        var other = Cluster.Grains.GetGrain<ITimedGrain>($"{_key}-other");
        await other.Start(TickKind.Plain);
        await Signals.Expect($"tick 5 {_key}-other");

        Assert.False(Signals.IsGiven($"tick {ticks + 1} {_key}"));
        Assert.Equal(0, await Timed.Ticks());
    });

    [Fact]
    public Task A_disposed_timer_ticks_no_more() => Run(async () =>
    {
        await Timed.Start(TickKind.Plain);
        await Signals.Expect($"tick 1 {_key}");
        await Timed.Stop();
        var ticks = await Timed.Ticks();
        var other = Cluster.Grains.GetGrain<ITimedGrain>($"{_key}-other");
        await other.Start(TickKind.Plain);
        await Signals.Expect($"tick 5 {_key}-other");

        Assert.Equal(ticks, await Timed.Ticks());
    });
}
