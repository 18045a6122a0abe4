namespace SessionCluster.Testing.PostgreSql;

/// <summary>A fact that is skipped, with the reason, where there is no PostgreSQL server.</summary>
internal sealed class PostgreSqlFactAttribute : FactAttribute
{
    public PostgreSqlFactAttribute() => Skip = PostgreSqlServer.WhyNot;
}

/// <summary>A table that is skipped, with the reason, where there is no PostgreSQL server.</summary>
internal sealed class PostgreSqlTheoryAttribute : TheoryAttribute
{
    public PostgreSqlTheoryAttribute() => Skip = PostgreSqlServer.WhyNot;
}
