namespace SessionCluster.Conformance.Tests;

[Collection(ConformanceSuite.Name)]
public sealed class TurnTests(ConformanceCluster cluster)
{
    private readonly string key = $"turn-{Guid.NewGuid():N}";

    private IProbeGrain Probe => cluster.Grains.GetGrain<IProbeGrain>(key);

    [Fact]
    public async Task Turns_of_one_activation_never_overlap()
    {
        var crowded = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Probe.Crowd(200))));

        Assert.Equal(0, crowded.Sum());
    }

    [Fact]
    public async Task A_request_starts_when_the_one_before_is_completed()
    {
        var held = Probe.Hold($"gate {key}");
        await Signals.Expect($"begun gate {key}");
        var waiting = Probe.Step("next");

        Assert.Equal([$"begun gate {key}"], (await Probe.Steps()).ToArray());
        Signals.Give($"gate {key}");
        await Task.WhenAll(held, waiting);

        Assert.Equal([$"begun gate {key}", $"ended gate {key}", "next"], (await Probe.Steps()).ToArray());
    }

    [Fact]
    public async Task A_request_that_interleaves_starts_while_another_waits()
    {
        var held = Probe.Hold($"gate {key}");
        await Signals.Expect($"begun gate {key}");
        await Probe.PassingStep("passing");
        Signals.Give($"gate {key}");
        await held;

        Assert.Equal([$"begun gate {key}", "passing", $"ended gate {key}"], (await Probe.Steps()).ToArray());
    }

    [Fact]
    public async Task An_ordinary_request_starts_while_one_that_interleaves_waits()
    {
        var held = Probe.PassingHold($"gate {key}");
        await Signals.Expect($"begun gate {key}");
        await Probe.Step("ordinary");
        Signals.Give($"gate {key}");
        await held;

        Assert.Equal([$"begun gate {key}", "ordinary", $"ended gate {key}"], (await Probe.Steps()).ToArray());
    }

    [Fact]
    public async Task Exceptions_reach_the_caller_as_thrown_and_the_grain_lives_on()
    {
        var first = await Probe.Activation();

        var atOnce = await Assert.ThrowsAsync<InvalidOperationException>(() => Probe.ThrowAtOnce("at once"));
        var later = await Assert.ThrowsAsync<InvalidOperationException>(() => Probe.ThrowLater("later"));

        Assert.Equal("at once", atOnce.Message);
        Assert.Equal("later", later.Message);
        Assert.Equal(first, await Probe.Activation());
    }

    [Fact]
    public async Task A_caller_hears_of_a_timeout_while_the_callee_goes_on()
    {
        await Assert.ThrowsAsync<TimeoutException>(() => Probe.Hold($"gate {key}"));
        Signals.Give($"gate {key}");
        await Signals.Expect($"ended gate {key}");

        Assert.Equal([$"begun gate {key}", $"ended gate {key}"], (await Probe.Steps()).ToArray());
    }

    [Fact]
    public async Task A_calling_grain_hears_of_a_timeout_too()
    {
        // Its own caller's time is over at about the same moment, so the callee's answer is asked for in what follows.
        var outer = Probe.CallHold(new HoldElsewhere($"{key}-callee", $"gate {key}"));
        await Signals.Expect($"begun gate {key}");
        await Assert.ThrowsAsync<TimeoutException>(() => cluster.Grains.GetGrain<IProbeGrain>($"{key}-callee").Step("waits behind"));
        Signals.Give($"gate {key}");
        var outcome = await Record.ExceptionAsync(() => outer);

        Assert.True(outcome is TimeoutException || await outer == "timeout");
        Assert.Empty(await Probe.Steps());
    }

    [Fact]
    public async Task A_grain_calls_another_and_goes_on_with_its_answer()
    {
        Signals.Give($"gate {key}");

        Assert.Equal("done", await Probe.CallHold(new HoldElsewhere($"{key}-callee", $"gate {key}")));
    }

    [Fact]
    public async Task A_grain_that_waits_for_ever_stalls_no_other()
    {
        var held = Probe.Hold($"gate {key}");
        await Signals.Expect($"begun gate {key}");

        Assert.Empty(await cluster.Grains.GetGrain<IProbeGrain>($"{key}-other").Steps());
        Signals.Give($"gate {key}");
        await held;
    }
}
