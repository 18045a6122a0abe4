namespace SessionCluster.Silo.Storage;

/// <summary>In what the lists' SQL of the two databases differs.</summary>
/// <param name="Mark">What a parameter's number stands behind.</param>
/// <param name="Like">The operator that finds a pattern, ignoring ASCII case.</param>
/// <param name="SaysIndex">
/// Whether a statement says which index drives it. SQLite's planner has no statistics to choose by; PostgreSQL's has, and takes no order.
/// </param>
internal sealed record SqlDialect(char Mark, string Like, bool SaysIndex)
{
    public static readonly SqlDialect Sqlite = new('?', "LIKE", true);

    public static readonly SqlDialect PostgreSql = new('$', "ILIKE", false);

    /// <summary>The clause behind a table that says which index to use; null for none.</summary>
    public string Driver(string? index) => !SaysIndex ? "" : index is null ? " NOT INDEXED" : $" INDEXED BY {index}";
}
