namespace SessionCluster.Conformance.Tests;

public abstract class TurnTests(IRuntime runtime) : ConformanceTests(runtime)
{
    private readonly string _key = $"turn-{Guid.NewGuid():N}";

    private IProbeGrain Probe => Cluster.Grains.GetGrain<IProbeGrain>(_key);

    [Fact]
    public Task Turns_of_one_activation_never_overlap() => Run(async () =>
    {
        var crowded = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Later(() => Probe.Crowd(200))));

        Assert.Equal(0, crowded.Sum());
    });

    [Fact]
    public Task A_request_starts_when_the_one_before_is_completed() => Run(async () =>
    {
        var held = Probe.Hold($"gate {_key}");
        await Signals.Expect($"begun gate {_key}");
        var waiting = Probe.Step("next");

        Assert.Equal([$"begun gate {_key}"], (await Probe.Steps()).ToArray());
        Signals.Give($"gate {_key}");
        await Task.WhenAll(held, waiting);

        Assert.Equal([$"begun gate {_key}", $"ended gate {_key}", "next"], (await Probe.Steps()).ToArray());
    });

    [Fact]
    public Task A_request_that_interleaves_starts_while_another_waits() => Run(async () =>
    {
        var held = Probe.Hold($"gate {_key}");
        await Signals.Expect($"begun gate {_key}");
        await Probe.PassingStep("passing");
        Signals.Give($"gate {_key}");
        await held;

        Assert.Equal([$"begun gate {_key}", "passing", $"ended gate {_key}"], (await Probe.Steps()).ToArray());
    });

    [Fact]
    public Task An_ordinary_request_starts_while_one_that_interleaves_waits() => Run(async () =>
    {
        var held = Probe.PassingHold($"gate {_key}");
        await Signals.Expect($"begun gate {_key}");
        await Probe.Step("ordinary");
        Signals.Give($"gate {_key}");
        await held;

        Assert.Equal([$"begun gate {_key}", "ordinary", $"ended gate {_key}"], (await Probe.Steps()).ToArray());
    });

    [Fact]
    public Task Exceptions_reach_the_caller_as_thrown_and_the_grain_lives_on() => Run(async () =>
    {
        var first = await Probe.Activation();

        var atOnce = await Assert.ThrowsAsync<InvalidOperationException>(() => Probe.ThrowAtOnce("at once"));
        var later = await Assert.ThrowsAsync<InvalidOperationException>(() => Probe.ThrowLater("later"));

        Assert.Equal("at once", atOnce.Message);
        Assert.Equal("later", later.Message);
        Assert.Equal(first, await Probe.Activation());
    });

    [Fact]
    public Task A_caller_hears_of_a_timeout_while_the_callee_goes_on() => Run(async () =>
    {
        await Assert.ThrowsAsync<TimeoutException>(() => Probe.Hold($"gate {_key}"));
        Signals.Give($"gate {_key}");
        await Signals.Expect($"ended gate {_key}");

        Assert.Equal([$"begun gate {_key}", $"ended gate {_key}"], (await Probe.Steps()).ToArray());
    });

    [Fact]
    public Task A_call_that_waited_longer_than_its_caller_is_not_begun() => Run(async () =>
    {
        var blocking = Probe.Hold($"gate {_key}");
        await Signals.Expect($"begun gate {_key}");
        await Assert.ThrowsAsync<TimeoutException>(() => Probe.Step("late"));
        await Pause();
        Signals.Give($"gate {_key}");
        await Signals.Expect($"ended gate {_key}");
        await Probe.Step("next");

        Assert.DoesNotContain("late", await Probe.Steps());
        await Record.ExceptionAsync(() => blocking);
    });

    [Fact]
    public Task A_calling_grain_hears_of_a_timeout_too() => Run(async () =>
    {
        // Its own caller's time is over at about the same moment, so the callee's answer is asked for in what follows.
        var outer = Probe.CallHold(new HoldElsewhere($"{_key}-callee", $"gate {_key}"));
        await Signals.Expect($"begun gate {_key}");
        await Assert.ThrowsAsync<TimeoutException>(() => Cluster.Grains.GetGrain<IProbeGrain>($"{_key}-callee").Step("waits behind"));
        Signals.Give($"gate {_key}");
        var outcome = await Record.ExceptionAsync(() => outer);

        Assert.True(outcome is TimeoutException || await outer == "timeout");
        Assert.Empty(await Probe.Steps());
    });

    [Fact]
    public Task A_grain_calls_another_and_goes_on_with_its_answer() => Run(async () =>
    {
        Signals.Give($"gate {_key}");

        Assert.Equal("done", await Probe.CallHold(new HoldElsewhere($"{_key}-callee", $"gate {_key}")));
    });

    [Fact]
    public Task A_grain_that_waits_for_ever_stalls_no_other() => Run(async () =>
    {
        var held = Probe.Hold($"gate {_key}");
        await Signals.Expect($"begun gate {_key}");

        Assert.Empty(await Cluster.Grains.GetGrain<IProbeGrain>($"{_key}-other").Steps());
        Signals.Give($"gate {_key}");
        await held;
    });
}
