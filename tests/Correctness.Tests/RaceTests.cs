using SessionCluster.Correctness.Tests.Load;

namespace SessionCluster.Correctness.Tests;

/// <summary>Logins of one user at the same moment, on one process.</summary>
[Collection(nameof(SharedServer))]
public sealed class RaceTests(SharedServer server)
{
    private readonly Races _races = new([server.Api]);

    [Theory]
    [InlineData(2)]
    [InlineData(10)]
    [InlineData(100)]
    public Task Of_racing_logins_that_terminate_the_others_the_last_one_alone_survives(int count) => _races.Terminating(count);

    [Theory]
    [InlineData(2)]
    [InlineData(100)]
    public Task Racing_logins_without_it_end_nothing(int count) => _races.Plain(count);
}
