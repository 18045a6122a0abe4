namespace SessionCluster.Embedded.Tests;

public sealed class SeededTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void The_same_seed_gives_the_same_trace_and_other_seeds_give_others()
    {
        var traces = Enumerable.Range(0, 10).Select(seed => Play(seed).Lines).ToArray();

        Assert.Equal(traces[3], Play(3).Lines);
        Assert.True(traces.Distinct(new SameLines()).Count() > 5);
        Assert.All(traces, trace => Assert.Equal(traces[0].Order(), trace.Order()));
    }

    [Fact]
    public void Everything_runs_on_one_thread()
    {
        Assert.Equal([Environment.CurrentManagedThreadId], Play(1).Threads);
    }

    [Fact]
    public void Waiting_calls_reach_the_next_activation_in_their_order()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var run = new SeededRun(seed);
            var engine = run.Start();
            var gate = new TaskCompletionSource();
            run.Run(async () =>
            {
                var grain = engine.GetGrain<IWorkGrain>("a");
                var held = grain.LeaveAndAwait(gate.Task);
                var calls = Enumerable.Range(0, 5).Select(i => grain.Take($"{i}")).ToList();
                await run.Wait(Second);
                gate.SetResult();
                for (var i = 5; i < 10; i++)
                {
                    calls.Add(grain.Take($"{i}"));
                    await Task.Yield();
                }

                await held;
                await Task.WhenAll(calls);
            });

            Assert.Equal(["left a ApplicationRequested", .. Enumerable.Range(0, 10).Select(i => $"{i}")], run.Trace.Lines);
        }
    }

    [Fact]
    public void A_grain_that_always_leaves_before_it_serves_fails_its_calls()
    {
        var run = new SeededRun(1);
        var engine = run.Start();
        run.Run(async () => await Assert.ThrowsAsync<InvalidOperationException>(() => engine.GetGrain<IWorkGrain>("restless").Number()));

        Assert.Equal(0, engine.ActivationCount);
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    public void A_call_times_out_at_its_time_and_not_before(int ticks, bool timesOut)
    {
        var run = new SeededRun(1);
        var engine = run.Start(options => options.CallTimeout = Second);
        run.Run(async () =>
        {
            var gate = new TaskCompletionSource();
            var outcome = Record.ExceptionAsync(() => engine.GetGrain<IWorkGrain>("a").Await(gate.Task));
            await run.Wait(Second + TimeSpan.FromTicks(ticks));
            gate.SetResult();
            Assert.Equal(timesOut, await outcome is TimeoutException);
        });
    }

    [Fact]
    public void A_call_that_timed_out_before_its_turn_is_not_begun()
    {
        var run = new SeededRun(1);
        var engine = run.Start(options => options.CallTimeout = Second);
        var gate = new TaskCompletionSource();
        run.Run(async () =>
        {
            var grain = engine.GetGrain<IWorkGrain>("a");
            var held = Record.ExceptionAsync(() => grain.Await(gate.Task));
            await Assert.ThrowsAsync<TimeoutException>(() => grain.Take("late"));
            gate.SetResult();
            await held;
            await grain.Take("next");
        });

        Assert.Equal(["next"], run.Trace.Lines);
    }

    [Fact]
    public void A_timers_period_counts_from_the_end_of_a_tick()
    {
        var run = new SeededRun(1);
        var engine = run.Start();
        run.Run(async () =>
        {
            await engine.GetGrain<IWorkGrain>("a").Tick(TimeSpan.FromMilliseconds(500));
            await run.Wait(5 * Second);
        });

        Assert.Equal(["tick 1000", "tick 2500", "tick 4000"], run.Trace.Lines);
    }

    [Fact]
    public void A_changed_timer_ticks_at_its_new_time()
    {
        var run = new SeededRun(1);
        var engine = run.Start();
        run.Run(async () =>
        {
            var grain = engine.GetGrain<IWorkGrain>("a");
            await grain.Tick(TimeSpan.Zero);
            await run.Wait(1.5 * Second);
            await grain.ChangeTick(2 * Second);
            await run.Wait(10 * Second);
        });

        Assert.Equal(["tick 1000", "tick 3500"], run.Trace.Lines);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Many_timers_tick_in_the_order_of_their_times_and_those_of_ended_grains_never(int seed)
    {
        var run = new SeededRun(seed);
        var engine = run.Start();
        var times = Enumerable.Range(0, 60).Select(number => 5_000 + (number * 10)).ToArray();
        new Random(seed).Shuffle(times);
        run.Run(async () =>
        {
            foreach (var time in times)
            {
                var grain = engine.GetGrain<IWorkGrain>($"at {time}");
                await grain.Tick(TimeSpan.Zero);
                await grain.ChangeTick(TimeSpan.FromMilliseconds(time));
            }

            foreach (var time in times.Where(IsEnded))
            {
                await engine.GetGrain<IWorkGrain>($"at {time}").Leave();
            }

            await run.Wait(20 * Second);
        });

        Assert.Equal(times.Order().Where(time => !IsEnded(time)).Select(time => $"tick {time}"), run.Trace.Lines.Where(line => line.StartsWith("tick", StringComparison.Ordinal)));

        static bool IsEnded(int time) => time % 40 == 0;
    }

    [Fact]
    public void More_waiting_calls_than_allowed_fail_at_once()
    {
        var run = new SeededRun(1);
        var engine = run.Start(options => options.MaxWaitingCalls = 3);
        var gate = new TaskCompletionSource();
        run.Run(async () =>
        {
            var grain = engine.GetGrain<IWorkGrain>("a");
            var held = grain.Await(gate.Task);
            await run.Wait(Second);
            var waiting = Enumerable.Range(0, 3).Select(i => grain.Take($"{i}")).ToArray();
            await Assert.ThrowsAsync<InvalidOperationException>(() => grain.Take("refused"));
            gate.SetResult();
            await held;
            await Task.WhenAll(waiting);
        });

        Assert.Equal(["0", "1", "2"], run.Trace.Lines);
    }

    private static Trace Play(int seed)
    {
        var run = new SeededRun(seed);
        var engine = run.Start();
        run.Run(() => Task.WhenAll(Enumerable.Range(0, 30).Select(i => i % 5 == 0
            ? engine.GetGrain<IWorkGrain>($"{i % 3}").CallOther($"{i % 2}")
            : engine.GetGrain<IWorkGrain>($"{i % 3}").Trace($"{i}"))));
        return run.Trace;
    }

    private sealed class SameLines : IEqualityComparer<List<string>>
    {
        public bool Equals(List<string>? x, List<string>? y) => x!.SequenceEqual(y!);

        public int GetHashCode(List<string> obj) => obj.Count;
    }
}
