using System.Diagnostics;
using SessionCluster.Correctness.Tests.History;
using SessionCluster.Correctness.Tests.Load;
using Xunit.Abstractions;

namespace SessionCluster.Correctness.Tests.Cluster;

/// <summary>A whole cluster loses its power: every silo is killed at once, and nobody is left to declare them dead.</summary>
public sealed class ClusterStartTests(ITestOutputHelper output) : IDisposable
{
    private readonly ClusterProcesses _cluster = new();

    public void Dispose() => _cluster.Dispose();

    [ClusterTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task All_silos_killed_at_once_and_started_again_serve_the_same_sessions(bool onNewAddresses)
    {
        ClusterProcess[] silos = [_cluster.Silo(), _cluster.Silo()];
        var api = _cluster.Api();
        await ClusterProcesses.Start([.. silos, api]);
        using var client = api.Client();
        var recorder = new Recorder { Api = client };
        var (live, ended) = (await Done(() => recorder.Login("ada")), await Done(() => recorder.Login("ada")));
        await Done(() => recorder.Do(Act.RevokeToken, "ada", ended.Session));

        Array.ForEach(silos, silo => silo.Kill());
        var start = Stopwatch.GetTimestamp();
        await ClusterProcesses.Start(onNewAddresses ? [_cluster.Silo(), _cluster.Silo()] : silos);
        output.WriteLine($"silos ready after {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
        await api.UntilReady();
        output.WriteLine($"the Api ready after {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");

        Assert.True((await Done(() => recorder.Validate("ada", live.Session!))).Active);
        Assert.False((await Done(() => recorder.Validate("ada", ended.Session!))).Active);
        var later = await Done(() => recorder.Login("ada"));
        Assert.True((await Done(() => recorder.Validate("ada", later.Session!))).Active);
    }

    /// <summary>While members change, a call may meet a silo that is gone and is answered so.</summary>
    private static async Task<Operation> Done(Func<Task<Operation>> send)
    {
        Operation? operation = null;
        await Poll.Until(async () => (operation = await send()).IsDone);
        return operation!;
    }
}
