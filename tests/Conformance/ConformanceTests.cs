namespace SessionCluster.Conformance.Tests;

/// <summary>Where the tests run: on real silos, or on the simulation's runtime under one seed after another.</summary>
public interface IRuntime
{
    Task Run(Func<IConformanceCluster, Task> test);
}

/// <summary>What grains may rely on. Each class of tests is derived from once for each runtime.</summary>
public abstract class ConformanceTests(IRuntime runtime)
{
    /// <summary>The cluster of the present run of a test.</summary>
    protected IConformanceCluster Cluster { get; private set; } = null!;

    protected Signals Signals => Cluster.Signals;

    protected Task Run(Func<Task> test) => runtime.Run(cluster =>
    {
        Cluster = cluster;
        return test();
    });

    /// <summary>Longer than any message is on its way.</summary>
    protected Task Pause() => Task.Delay(TimeSpan.FromMilliseconds(100), Cluster.Time);

    /// <summary>Makes a call a little later, so that it comes from wherever the runtime goes on.</summary>
    protected static async Task<T> Later<T>(Func<Task<T>> call)
    {
        ArgumentNullException.ThrowIfNull(call);
        await Task.Yield();
        return await call();
    }
}
