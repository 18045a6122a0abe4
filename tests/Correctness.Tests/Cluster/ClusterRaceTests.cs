using SessionCluster.Correctness.Tests.Load;
using Xunit.Abstractions;

namespace SessionCluster.Correctness.Tests.Cluster;

/// <summary>The races of one process, through every process of a cluster.</summary>
[Collection(nameof(SharedCluster))]
public sealed class ClusterRaceTests(SharedCluster cluster, ITestOutputHelper output)
{
    [PostgreSqlTheory]
    [InlineData(2)]
    [InlineData(100)]
    public Task Of_racing_logins_that_terminate_the_others_the_last_one_alone_survives(int count) => new Races(cluster.Apis).Terminating(count);

    [PostgreSqlFact]
    public Task Racing_logins_without_it_end_nothing() => new Races(cluster.Apis).Plain(100);

    [PostgreSqlFact]
    public Task A_check_that_begins_after_the_answer_of_an_ending_passes_nowhere() => new Hammer(cluster.Apis, users: 14, output).Run();
}
