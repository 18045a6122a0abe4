namespace SessionCluster.Conformance.Tests;

public abstract class ActivationTests(IRuntime runtime) : ConformanceTests(runtime)
{
    private readonly string key = $"activation-{Guid.NewGuid():N}";

    [Fact]
    public Task Calls_of_one_key_reach_one_activation() => Run(async () =>
    {
        var first = await Probe(key).Activation();

        Assert.Equal(first, await Probe(key).Activation());
        Assert.Equal(key, await Probe(key).Key());
    });

    [Fact]
    public Task Keys_have_activations_of_their_own() => Run(async () =>
    {
        Assert.NotEqual(await Probe(key).Activation(), await Probe($"{key}-other").Activation());
    });

    [Fact]
    public Task First_calls_at_the_same_time_make_one_activation() => Run(async () =>
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Later(Probe(key).Activation)));

        Assert.Single(answers.Distinct());
        Assert.True(Signals.IsGiven($"made {key}"));
        Assert.False(Signals.IsGiven($"made again {key}"));
    });

    [Fact]
    public Task Arguments_and_results_arrive_unchanged() => Run(async () =>
    {
        var note = new Note("text \u00e9 \u2028", DateTimeOffset.UnixEpoch.AddMicroseconds(1), [1, 2, 3]);

        var answer = await Probe(key).Echo(note);

        Assert.Equal(note.Text, answer.Text);
        Assert.Equal(note.At, answer.At);
        Assert.Equal(note.Numbers.ToArray(), answer.Numbers.ToArray());
    });

    [Fact]
    public Task A_deactivated_grain_is_activated_anew_by_the_next_call_of_the_same_reference() => Run(async () =>
    {
        var probe = Probe(key);
        var first = await probe.Activation();
        await probe.Leave();

        Assert.NotEqual(first, await probe.Activation());
        Assert.Equal("ApplicationRequested", await Signals.Expect($"left {key}"));
    });

    [Fact]
    public Task A_request_that_asked_for_deactivation_is_finished_first() => Run(async () =>
    {
        var probe = Probe(key);
        var held = probe.LeaveAndHold($"gate {key}");
        await Signals.Expect($"begun gate {key}");
        Assert.False(Signals.IsGiven($"left {key}"));

        Signals.Give($"gate {key}");
        await held;
        await Signals.Expect($"left {key}");
    });

    [Fact]
    public Task Calls_that_wait_for_a_leaving_activation_go_to_the_next_one() => Run(async () =>
    {
        var probe = Probe(key);
        var first = await probe.Activation();
        var held = probe.LeaveAndHold($"gate {key}");
        await Signals.Expect($"begun gate {key}");
        var waiting = Enumerable.Range(0, 10).Select(_ => probe.Activation()).ToArray();

        Signals.Give($"gate {key}");
        await held;
        var answers = await Task.WhenAll(waiting);

        Assert.DoesNotContain(first, answers);
        Assert.Single(answers.Distinct());
    });

    [Fact]
    public Task Calls_that_interleave_wait_for_a_leaving_activation_too() => Run(async () =>
    {
        var probe = Probe(key);
        var held = probe.LeaveAndHold($"gate {key}");
        await Signals.Expect($"begun gate {key}");
        var passing = probe.PassingStep("passing");
        await Pause();
        Assert.False(passing.IsCompleted);

        Signals.Give($"gate {key}");
        await Task.WhenAll(held, passing);
        Assert.Equal(["passing"], (await probe.Steps()).ToArray());
    });

    [Fact]
    public Task A_leaving_grain_can_call_another_one() => Run(async () =>
    {
        var probe = Probe($"calling-leaver-{key}");
        await probe.Leave();
        await Signals.Expect($"left calling-leaver-{key}");

        Assert.Equal(["called by a leaver"], (await Probe($"other-calling-leaver-{key}").Steps()).ToArray());
    });

    [Fact]
    public Task An_exception_while_leaving_is_ignored() => Run(async () =>
    {
        var probe = Probe($"bad-leaver-{key}");
        var first = await probe.Activation();
        await probe.Leave();

        Assert.NotEqual(first, await probe.Activation());
    });

    [Theory]
    [InlineData("constructor")]
    [InlineData("activate")]
    public Task A_failed_activation_fails_its_calls_and_leaves_nothing_behind(string place) => Run(async () =>
    {
        var grain = Cluster.Grains.GetGrain<IFragileGrain>(key);
        Signals.Give($"break {place} {key}");

        await Assert.ThrowsAnyAsync<Exception>(grain.Hello);
        await Assert.ThrowsAnyAsync<Exception>(grain.Hello);
        Signals.Withdraw($"break {place} {key}");

        Assert.Equal("hello", await grain.Hello());
    });

    [Fact]
    public Task An_idle_activation_ends_although_its_timer_ticks() => Run(async () =>
    {
        await Cluster.Grains.GetGrain<IBriefGrain>(key).Tick();

        Assert.Equal("ActivationIdle", await Signals.Expect($"left {key}"));
    });

    [Fact]
    public Task All_activations_can_be_ended_from_outside() => Run(async () =>
    {
        var first = await Probe(key).Activation();
        await Cluster.DeactivateAll();

        Assert.NotEqual(first, await Probe(key).Activation());
    });

    private IProbeGrain Probe(string key) => Cluster.Grains.GetGrain<IProbeGrain>(key);
}
