using SessionCluster.Tests.PostgreSql;

namespace SessionCluster.Storage.Tests;

/// <summary>In the shared test sources [Fact] is this one: skipped, with the reason, where there is no PostgreSQL server.</summary>
internal sealed class FactAttribute : Xunit.FactAttribute
{
    public FactAttribute() => Skip = PostgreSqlServer.WhyNot;
}

/// <summary>In the shared test sources [Theory] is this one.</summary>
internal sealed class TheoryAttribute : Xunit.TheoryAttribute
{
    public TheoryAttribute() => Skip = PostgreSqlServer.WhyNot;
}
