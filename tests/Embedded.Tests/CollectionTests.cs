namespace SessionCluster.Embedded.Tests;

public sealed class CollectionTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Past_the_bound_the_longest_idle_end()
    {
        var run = new SeededRun(1);
        var engine = run.Start(options => options.MaxActivations = 40);
        run.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                await engine.GetGrain<IWorkGrain>($"{i}").Number();
                await engine.GetGrain<IWorkGrain>("used").Number();
                await run.Wait(Second);
                Assert.InRange(engine.ActivationCount, 1, 41);
            }
        });

        Assert.InRange(engine.ActivationCount, 38, 40);
        Assert.Equal(Enumerable.Range(0, run.Trace.Lines.Count).Select(i => $"left {i} ActivationIdle"), run.Trace.Lines.OrderBy(line => line.Length).ThenBy(line => line, StringComparer.Ordinal));
    }

    [Fact]
    public void Activations_at_work_do_not_end_past_the_bound()
    {
        var run = new SeededRun(1);
        var engine = run.Start(options => options.MaxActivations = 5);
        var gate = new TaskCompletionSource();
        run.Run(async () =>
        {
            var held = Enumerable.Range(0, 20).Select(i => engine.GetGrain<IWorkGrain>($"{i}").Await(gate.Task)).ToArray();
            await run.Wait(Second);
            Assert.Equal(20, engine.ActivationCount);

            gate.SetResult();
            await Task.WhenAll(held);
            await run.Wait(TimeSpan.FromMinutes(2));
            Assert.InRange(engine.ActivationCount, 1, 5);
        });
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    public void An_activation_ends_at_its_class_idle_age_and_not_before(int ticks, bool ends)
    {
        // The only look is at 60 s; the last use was 20 s, more or less, before.
        var run = new SeededRun(1);
        var engine = run.Start(options =>
        {
            options.IdleAge = TimeSpan.FromHours(1);
            options.SetIdleAge(typeof(WorkGrain), 20 * Second);
        });
        run.Run(async () =>
        {
            await run.Wait((40 * Second) - TimeSpan.FromTicks(ticks));
            await engine.GetGrain<IWorkGrain>("a").Number();
            await engine.GetGrain<IOtherWorkGrain>("b").Work("b");
            await run.Wait(21 * Second);
        });

        Assert.Equal(ends ? 1 : 2, engine.ActivationCount);
    }

    [Fact]
    public void A_timer_does_not_keep_its_activation()
    {
        var run = new SeededRun(1);
        var engine = run.Start(options => options.IdleAge = TimeSpan.FromMinutes(1));
        run.Run(async () =>
        {
            await engine.GetGrain<IWorkGrain>("a").Tick(TimeSpan.FromMilliseconds(1));
            await run.Wait(TimeSpan.FromMinutes(3));
        });

        Assert.Equal(0, engine.ActivationCount);
        Assert.Equal("left a ActivationIdle", run.Trace.Lines[^1]);
    }
}
