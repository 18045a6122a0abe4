namespace SessionCluster.Conformance.Tests;

public abstract class ActivationTests(IRuntime runtime) : ConformanceTests(runtime)
{
    private readonly string _key = $"activation-{Guid.NewGuid():N}";

    [Fact]
    public Task Calls_of_one_key_reach_one_activation() => Run(async () =>
    {
        var first = await Probe(_key).Activation();

        Assert.Equal(first, await Probe(_key).Activation());
        Assert.Equal(_key, await Probe(_key).Key());
    });

    [Fact]
    public Task Keys_have_activations_of_their_own() => Run(async () =>
    {
        Assert.NotEqual(await Probe(_key).Activation(), await Probe($"{_key}-other").Activation());
    });

    [Fact]
    public Task First_calls_at_the_same_time_make_one_activation() => Run(async () =>
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Later(Probe(_key).Activation)));

        Assert.Single(answers.Distinct());
        Assert.True(Signals.IsGiven($"made {_key}"));
        Assert.False(Signals.IsGiven($"made again {_key}"));
    });

    [Fact]
    public Task Arguments_and_results_arrive_unchanged() => Run(async () =>
    {
        var note = new Note("text \u00e9 \u2028", DateTimeOffset.UnixEpoch.AddMicroseconds(1), [1, 2, 3]);

        var answer = await Probe(_key).Echo(note);

        Assert.Equal(note.Text, answer.Text);
        Assert.Equal(note.At, answer.At);
        Assert.Equal(note.Numbers.ToArray(), answer.Numbers.ToArray());
    });

    [Fact]
    public Task A_deactivated_grain_is_activated_anew_by_the_next_call_of_the_same_reference() => Run(async () =>
    {
        var probe = Probe(_key);
        var first = await probe.Activation();
        await probe.Leave();

        Assert.NotEqual(first, await probe.Activation());
        Assert.Equal("ApplicationRequested", await Signals.Expect($"left {_key}"));
    });

    [Fact]
    public Task A_request_that_asked_for_deactivation_is_finished_first() => Run(async () =>
    {
        var probe = Probe(_key);
        var held = probe.LeaveAndHold($"gate {_key}");
        await Signals.Expect($"begun gate {_key}");
        Assert.False(Signals.IsGiven($"left {_key}"));

        Signals.Give($"gate {_key}");
        await held;
        await Signals.Expect($"left {_key}");
    });

    [Fact]
    public Task Calls_that_wait_for_a_leaving_activation_go_to_the_next_one() => Run(async () =>
    {
        var probe = Probe(_key);
        var first = await probe.Activation();
        var held = probe.LeaveAndHold($"gate {_key}");
        await Signals.Expect($"begun gate {_key}");
        var waiting = Enumerable.Range(0, 10).Select(_ => probe.Activation()).ToArray();

        Signals.Give($"gate {_key}");
        await held;
        var answers = await Task.WhenAll(waiting);

        Assert.DoesNotContain(first, answers);
        Assert.Single(answers.Distinct());
    });

    [Fact]
    public Task Calls_that_interleave_wait_for_a_leaving_activation_too() => Run(async () =>
    {
        var probe = Probe(_key);
        var held = probe.LeaveAndHold($"gate {_key}");
        await Signals.Expect($"begun gate {_key}");
        var passing = probe.PassingStep("passing");
        await Pause();
        Assert.False(passing.IsCompleted);

        Signals.Give($"gate {_key}");
        await Task.WhenAll(held, passing);
        Assert.Equal(["passing"], (await probe.Steps()).ToArray());
    });

    [Fact]
    public Task A_leaving_grain_can_call_another_one() => Run(async () =>
    {
        var probe = Probe($"calling-leaver-{_key}");
        await probe.Leave();
        await Signals.Expect($"left calling-leaver-{_key}");

        Assert.Equal(["called by a leaver"], (await Probe($"other-calling-leaver-{_key}").Steps()).ToArray());
    });

    [Fact]
    public Task A_leaving_grain_that_takes_too_long_is_given_up_and_its_calls_go_on() => Run(async () =>
    {
        var probe = Probe($"stuck-leaver-{_key}");
        var first = await probe.Activation();
        await probe.Leave();
        await Signals.Expect($"leaving stuck-leaver-{_key}");

        Assert.NotEqual(first, await Later(() => Patiently(probe.Activation)));
        Assert.True(Signals.IsGiven($"cancelled stuck-leaver-{_key}"));
        Assert.False(Signals.IsGiven($"left stuck-leaver-{_key}"));
        Signals.Give($"release stuck-leaver-{_key}");
    });

    [Fact]
    public Task An_exception_while_leaving_is_ignored() => Run(async () =>
    {
        var probe = Probe($"bad-leaver-{_key}");
        var first = await probe.Activation();
        await probe.Leave();

        Assert.NotEqual(first, await probe.Activation());
    });

    [Theory]
    [InlineData("constructor")]
    [InlineData("activate")]
    public Task A_failed_activation_fails_its_calls_and_leaves_nothing_behind(string place) => Run(async () =>
    {
        var grain = Cluster.Grains.GetGrain<IFragileGrain>(_key);
        Signals.Give($"break {place} {_key}");

        await Assert.ThrowsAnyAsync<Exception>(grain.Hello);
        await Assert.ThrowsAnyAsync<Exception>(grain.Hello);
        Signals.Withdraw($"break {place} {_key}");

        Assert.Equal("hello", await grain.Hello());
    });

    [Fact]
    public Task An_idle_activation_ends_although_its_timer_ticks() => Run(async () =>
    {
        await Cluster.Grains.GetGrain<IBriefGrain>(_key).Tick();

        Assert.Equal("ActivationIdle", await Signals.Expect($"left {_key}"));
    });

    [Fact]
    public Task An_activation_that_delays_its_leaving_stays_although_it_is_idle() => Run(async () =>
    {
        await Cluster.Grains.GetGrain<IBriefGrain>($"stays-{_key}").Stay();
        await Cluster.Grains.GetGrain<IBriefGrain>(_key).Tick();

        await Signals.Expect($"left {_key}");

        Assert.False(Signals.IsGiven($"left stays-{_key}"));
    });

    [Fact]
    public Task All_activations_can_be_ended_from_outside() => Run(async () =>
    {
        var first = await Probe(_key).Activation();
        await Cluster.DeactivateAll();

        Assert.NotEqual(first, await Probe(_key).Activation());
    });

    /// <summary>Calls again while the grain is leaving for longer than a caller waits.</summary>
    private static async Task<T> Patiently<T>(Func<Task<T>> call)
    {
        while (true)
        {
            try
            {
                return await call();
            }
            catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
            {
                // It has not left yet.
            }
        }
    }

    private IProbeGrain Probe(string key) => Cluster.Grains.GetGrain<IProbeGrain>(key);
}
