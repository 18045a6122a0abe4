namespace SessionCluster.Embedded.Tests;

public sealed class StopTests
{
    [Fact]
    public void Stopping_ends_every_activation_and_refuses_calls_until_the_next_start()
    {
        var run = new SeededRun(1);
        var engine = run.Start();
        run.Run(async () =>
        {
            await engine.GetGrain<IWorkGrain>("a").Number();
            await engine.GetGrain<IWorkGrain>("b").Number();
            await engine.StopAsync(CancellationToken.None);
            Assert.Equal(0, engine.ActivationCount);
            await Assert.ThrowsAsync<InvalidOperationException>(() => engine.GetGrain<IWorkGrain>("a").Number());

            await engine.StartAsync(CancellationToken.None);
            Assert.Equal(7, await engine.GetGrain<IWorkGrain>("a").Number());
        });

        Assert.Equal(["left a ShuttingDown", "left b ShuttingDown"], run.Trace.Lines.Order());
    }

    [Fact]
    public void Stopping_lets_present_requests_end_with_the_calls_they_make_and_refuses_those_that_wait()
    {
        var run = new SeededRun(1);
        var engine = run.Start();
        run.Run(async () =>
        {
            var grain = engine.GetGrain<IWorkGrain>("a");
            var present = grain.Trace("x");
            var waiting = Record.ExceptionAsync(() => grain.Take("waiting"));
            await run.Wait(TimeSpan.FromMilliseconds(1));
            await engine.StopAsync(CancellationToken.None);
            await present;
            Assert.IsType<InvalidOperationException>(await waiting);
        });

        Assert.Equal(["a x 0", "a x 1", "a x 2", "left a ShuttingDown"], run.Trace.Lines);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("clinging")]
    public void Stopping_waits_no_longer_than_its_bound(string key)
    {
        var run = new SeededRun(1);
        var engine = run.Start(options => options.StopTimeout = TimeSpan.FromSeconds(4));
        run.Run(async () =>
        {
            await engine.GetGrain<IWorkGrain>(key).Number();
            var never = key == "a" ? engine.GetGrain<IWorkGrain>(key).Await(new TaskCompletionSource().Task) : Task.CompletedTask;
            await run.Wait(TimeSpan.FromSeconds(1));
            await engine.StopAsync(CancellationToken.None);
            Assert.Equal(TimeSpan.FromSeconds(5), run.Time.Elapsed);
            Assert.Equal(0, engine.ActivationCount);
            await Record.ExceptionAsync(() => never);
        });
    }

    [Fact]
    public void A_grain_that_does_not_finish_leaving_makes_room_after_the_call_timeout()
    {
        var run = new SeededRun(1);
        var engine = run.Start(options => options.CallTimeout = TimeSpan.FromSeconds(10));
        run.Run(async () =>
        {
            await engine.GetGrain<IWorkGrain>("clinging").Leave();
            await run.Wait(TimeSpan.FromSeconds(5));
            Assert.Equal(7, await engine.GetGrain<IWorkGrain>("clinging").Number());
        });

        Assert.Equal(TimeSpan.FromSeconds(10), run.Time.Elapsed);
    }

    [Fact]
    public async Task A_grain_that_blocks_its_thread_stalls_neither_its_caller_nor_others()
    {
        using var gate = new ManualResetEventSlim();
        await using var run = new ThreadedRun(options => options.CallTimeout = TimeSpan.FromSeconds(1));
        await run.Work("blocked").Number();

        Assert.Equal(7, await run.Work("caller").Number());
        var call = Record.ExceptionAsync(() => run.Work("caller").CallBlocked(gate));
        Assert.Equal(7, await run.Work("other").Number());
        await Assert.ThrowsAsync<TimeoutException>(() => run.Work("blocked").Number());
        await call;

        Assert.Equal(["not blocked"], run.Trace.Lines);
        gate.Set();
        Assert.Equal(7, await run.Work("blocked").Number());
    }
}
