namespace SessionCluster.Conformance.Tests;

[Collection(ConformanceSuite.Name)]
public sealed class ActivationTests(ConformanceCluster cluster)
{
    private readonly string key = $"activation-{Guid.NewGuid():N}";

    [Fact]
    public async Task Calls_of_one_key_reach_one_activation()
    {
        var first = await Probe(key).Activation();

        Assert.Equal(first, await Probe(key).Activation());
        Assert.Equal(key, await Probe(key).Key());
    }

    [Fact]
    public async Task Keys_have_activations_of_their_own()
    {
        Assert.NotEqual(await Probe(key).Activation(), await Probe($"{key}-other").Activation());
    }

    [Fact]
    public async Task First_calls_at_the_same_time_make_one_activation()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => Probe(key).Activation())));

        Assert.Single(answers.Distinct());
        Assert.Equal(1, ProbeGrain.Made[key]);
    }

    [Fact]
    public async Task Arguments_and_results_arrive_unchanged()
    {
        var note = new Note("text \u00e9 \u2028", DateTimeOffset.UnixEpoch.AddMicroseconds(1), [1, 2, 3]);

        var answer = await Probe(key).Echo(note);

        Assert.Equal(note.Text, answer.Text);
        Assert.Equal(note.At, answer.At);
        Assert.Equal(note.Numbers.ToArray(), answer.Numbers.ToArray());
    }

    [Fact]
    public async Task A_deactivated_grain_is_activated_anew_by_the_next_call_of_the_same_reference()
    {
        var probe = Probe(key);
        var first = await probe.Activation();
        await probe.Leave();

        Assert.NotEqual(first, await probe.Activation());
        Assert.Equal("ApplicationRequested", await Signals.Expect($"left {key}"));
    }

    [Fact]
    public async Task A_request_that_asked_for_deactivation_is_finished_first()
    {
        var probe = Probe(key);
        var held = probe.LeaveAndHold($"gate {key}");
        await Signals.Expect($"begun gate {key}");
        Assert.False(Signals.IsGiven($"left {key}"));

        Signals.Give($"gate {key}");
        await held;
        await Signals.Expect($"left {key}");
    }

    [Fact]
    public async Task Calls_that_wait_for_a_leaving_activation_go_to_the_next_one()
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
    }

    [Fact]
    public async Task An_exception_while_leaving_is_ignored()
    {
        var probe = Probe($"bad-leaver-{key}");
        var first = await probe.Activation();
        await probe.Leave();

        Assert.NotEqual(first, await probe.Activation());
    }

    [Theory]
    [InlineData("constructor")]
    [InlineData("activate")]
    public async Task A_failed_activation_fails_its_calls_and_leaves_nothing_behind(string place)
    {
        var grain = cluster.Grains.GetGrain<IFragileGrain>(key);
        FragileGrain.Broken[$"{place} {key}"] = true;

        await Assert.ThrowsAnyAsync<Exception>(grain.Hello);
        await Assert.ThrowsAnyAsync<Exception>(grain.Hello);
        FragileGrain.Broken.Clear();

        Assert.Equal("hello", await grain.Hello());
    }

    [Fact]
    public async Task An_idle_activation_ends_although_its_timer_ticks()
    {
        await cluster.Grains.GetGrain<IBriefGrain>(key).Tick();

        Assert.Equal("ActivationIdle", await Signals.Expect($"left {key}"));
    }

    [Fact]
    public async Task All_activations_can_be_ended_from_outside()
    {
        var first = await Probe(key).Activation();
        await cluster.DeactivateAll();

        Assert.NotEqual(first, await Probe(key).Activation());
    }

    private IProbeGrain Probe(string key) => cluster.Grains.GetGrain<IProbeGrain>(key);
}
