namespace SessionCluster.Embedded.Tests;

public sealed class RouterTests : ICallRouter
{
    private readonly SeededRun run = new(1);
    private Action<RoutedCall> route = _ => { };

    void ICallRouter.Route(RoutedCall call)
    {
        run.Trace.Add($"route {call.Method} to {call.Target}");
        route(call);
    }

    [Fact]
    public void A_call_can_be_delayed_on_its_way_and_on_its_way_back()
    {
        var engine = run.Start(router: this);
        route = async call =>
        {
            await run.Wait(TimeSpan.FromSeconds(2));
            await call.Deliver(engine);
            run.Trace.Add("delivered");
            await run.Wait(TimeSpan.FromSeconds(3));
            call.Answer();
        };
        run.Run(() => engine.GetGrain<IWorkGrain>("a").Take("taken"));

        Assert.Equal(["route IWorkGrain.Take to work/a", "taken", "delivered"], run.Trace.Lines);
        Assert.Equal(TimeSpan.FromSeconds(5), run.Time.Elapsed);
    }

    [Fact]
    public void A_lost_call_is_a_timeout_and_nothing_was_done()
    {
        var engine = run.Start(router: this);
        run.Run(async () => await Assert.ThrowsAsync<TimeoutException>(() => engine.GetGrain<IWorkGrain>("a").Take("taken")));

        Assert.DoesNotContain("taken", run.Trace.Lines);
        Assert.Equal(TimeSpan.FromSeconds(30), run.Time.Elapsed);
    }

    [Fact]
    public void A_lost_answer_is_a_timeout_after_the_work_was_done()
    {
        var engine = run.Start(router: this);
        route = async call =>
        {
            await call.Deliver(engine);
            call.TimeOut();
        };
        run.Run(async () => await Assert.ThrowsAsync<TimeoutException>(() => engine.GetGrain<IWorkGrain>("a").Take("taken")));

        Assert.Contains("taken", run.Trace.Lines);
        Assert.Equal(TimeSpan.Zero, run.Time.Elapsed);
    }

    [Fact]
    public void A_call_can_be_delivered_to_another_engine_so_that_one_key_has_two_activations()
    {
        var first = run.Start(router: this);
        var second = run.Start(router: this);
        var target = first;
        route = async call =>
        {
            await call.Deliver(target);
            call.Answer();
        };
        run.Run(async () =>
        {
            await first.GetGrain<IWorkGrain>("a").Take("at the first");
            target = second;
            await first.GetGrain<IWorkGrain>("a").Take("at the second");
            await second.GetGrain<IWorkGrain>("a").CallOther("b");
        });

        Assert.Equal(1, first.ActivationCount);
        Assert.Equal(2, second.ActivationCount);
        Assert.Contains("route IOtherWorkGrain.Work to other/b", run.Trace.Lines);
    }

    [Fact]
    public void What_a_crashed_engine_was_doing_ends_in_the_middle_and_its_callers_time_out()
    {
        var first = run.Start(router: this);
        var second = run.Start(router: this);
        route = async call =>
        {
            await call.Deliver(second);
            call.Answer();
        };
        run.Run(async () =>
        {
            var call = first.GetGrain<IWorkGrain>("a").Trace("x");
            await run.Wait(TimeSpan.FromMicroseconds(500));
            second.Crash();
            await Assert.ThrowsAsync<TimeoutException>(() => call);
            Assert.Equal(["a x 0", "a x 1"], run.Trace.Lines.Where(line => line.StartsWith("a x", StringComparison.Ordinal)));

            await second.StartAsync(CancellationToken.None);
            await first.GetGrain<IWorkGrain>("a").Take("after");
        });

        Assert.Equal("after", run.Trace.Lines[^1]);
        Assert.Equal(1, second.ActivationCount);
    }

    [Fact]
    public void One_activation_can_crash_alone()
    {
        var engine = run.Start();
        run.Run(async () =>
        {
            var call = engine.GetGrain<IWorkGrain>("a").Trace("x");
            var other = engine.GetGrain<IWorkGrain>("b").Trace("y");
            await run.Wait(TimeSpan.FromMicroseconds(500));
            Assert.True(engine.Crash(new GrainId("work", "a")));
            Assert.False(engine.Crash(new GrainId("work", "a")));
            await engine.GetGrain<IWorkGrain>("a").Take("anew");
            await other;
            await Assert.ThrowsAsync<TimeoutException>(() => call);
        });

        Assert.Contains("anew", run.Trace.Lines);
        Assert.Contains("a x 1", run.Trace.Lines);
        Assert.DoesNotContain("a x 2", run.Trace.Lines);
        Assert.Contains("b y 2", run.Trace.Lines);
    }
}
