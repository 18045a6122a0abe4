using System.Diagnostics;
using SessionCluster.Correctness.Tests.History;
using SessionCluster.Correctness.Tests.Load;
using Xunit.Abstractions;

namespace SessionCluster.Correctness.Tests.Cluster;

/// <summary>
/// A whole cluster loses its power, and comes back on other addresses, where nobody takes the places of the dead and none is left to declare
/// them dead. (<see cref="ClusterKillTests"/> starts it again on its old ones.)
/// </summary>
public sealed class ClusterStartTests(ITestOutputHelper output) : IDisposable
{
    private readonly ProcessCluster _cluster = new();

    public void Dispose() => _cluster.Dispose();

    [PostgreSqlFact]
    public async Task New_members_after_the_death_of_all_serve_the_same_sessions()
    {
        ClusterProcess[] members = [_cluster.Member(), _cluster.Member(), _cluster.Member()];
        var api = _cluster.Api();
        await ProcessCluster.Start([.. members, api]);
        var recorder = new Recorder { Apis = [ProcessCluster.Client(api)] };
        var (live, ended) = (await Done(() => recorder.Login("ada")), await Done(() => recorder.Login("ada")));
        await Done(() => recorder.Do(Act.RevokeToken, "ada", ended.Session));

        await Task.WhenAll(members.Select(member => member.Kill()));
        var start = Stopwatch.GetTimestamp();
        ClusterProcess[] again = [_cluster.Member(), _cluster.Member(), _cluster.Member()];
        await ProcessCluster.Start(again);
        output.WriteLine($"members ready after {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
        await api.UntilReady();
        output.WriteLine($"the Api ready after {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");

        recorder.Apis = [.. again.Append(api).Select(process => ProcessCluster.Client(process))];
        var later = await Done(() => recorder.Login("ada"));
        foreach (var front in recorder.Apis)
        {
            Assert.True((await Done(() => recorder.Validate("ada", live.Session!, front))).Active);
            Assert.False((await Done(() => recorder.Validate("ada", ended.Session!, front))).Active);
            Assert.True((await Done(() => recorder.Validate("ada", later.Session!, front))).Active);
        }

        Assert.Empty(HistoryCheck.Run(recorder.Operations, null));
    }

    /// <summary>While members change, a call may meet a silo that is gone and is answered so.</summary>
    private static async Task<Operation> Done(Func<Task<Operation>> send)
    {
        Operation? operation = null;
        await Poll.Until(async () => (operation = await send()).IsDone);
        return operation!;
    }
}
