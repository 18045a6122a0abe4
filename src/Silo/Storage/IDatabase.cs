using System.Data.Common;

namespace SessionCluster.Silo.Storage;

/// <summary>What either database does: the states of grains, reads of rows, the sweeper's statements, and what tells whether it works.</summary>
internal interface IDatabase : IStorageProbe
{
    SqlDialect Dialect { get; }

    /// <summary>Deletes what is kept of sessions that ended before a moment in microseconds, at most <c>limit</c>; the same below.</summary>
    string PruneEndedSql { get; }

    /// <summary>Deletes events from before the moment.</summary>
    string PruneEventsSql { get; }

    /// <summary>Deletes the states of plans that were written last before the moment.</summary>
    string PrunePlansSql { get; }

    /// <summary>The state now; null when there has never been one.</summary>
    Task<StoredState?> Read(StateQuery query);

    /// <summary>
    /// Writes in one transaction, shared with what else waits: the row's version once it is durable, null when the row was at another
    /// version and nothing was written.
    /// </summary>
    /// <exception cref="StorageUnavailableException">It failed; the exception says whether it may have taken effect.</exception>
    /// <exception cref="InvalidOperationException">The change breaks a rule of the storage; nothing was written.</exception>
    Task<long?> Write(StateChange change);

    /// <summary>Appends an event that comes with no ledger, unless it is there already.</summary>
    /// <exception cref="StorageUnavailableException">It failed; the exception says whether it may have taken effect.</exception>
    Task Append(EventInfo entry);

    /// <summary>Reads single rows, or what belongs to one user, all at one moment. The texts are constant: they are prepared once.</summary>
    Task<T> Point<T>(Func<ISqlSnapshot, ValueTask<T>> body);

    /// <summary>Reads for lists and searches at one moment, few at a time, so that they hold up nobody else. The texts depend on the request.</summary>
    Task<T> List<T>(Func<ISqlSnapshot, ValueTask<T>> body);

    /// <summary>The events behind a place in the log, in the order of their commits; never one while a smaller one may still be committed.</summary>
    ValueTask<EventBatch> Follow(ISqlSnapshot snapshot, EventCursorQuery query);

    /// <summary>Runs one of the deletions; how many rows it deleted.</summary>
    Task<int> Run(string sql, long before, long limit);

    /// <summary>How much room it takes now.</summary>
    Task<StorageSizes> Sizes();
}

/// <summary>The database at one moment.</summary>
internal interface ISqlSnapshot
{
    ValueTask<List<T>> Rows<T>(string sql, object?[] values, Func<DbDataReader, T> read);
}

/// <summary>Shorter ways to read.</summary>
internal static class SqlSnapshots
{
    /// <summary>The first column of the one row, which is a number.</summary>
    public static async ValueTask<long> Number(this ISqlSnapshot snapshot, string sql, params object?[] values) =>
        (await snapshot.Rows(sql, values, static row => row.GetInt64(0)))[0];

    public static Task<List<T>> Rows<T>(this IDatabase reads, string sql, object?[] values, Func<DbDataReader, T> read) =>
        reads.Point(snapshot => snapshot.Rows(sql, values, read));

    /// <summary>How many rows match a list's query, unless nobody wants to know, and those of its page.</summary>
    public static Task<(int Count, List<T> Rows)> Page<T>(this IDatabase database, ListSql sql, Func<DbDataReader, T> read) => database.List(async snapshot =>
    {
        if (sql.IsUncounted)
        {
            // Nothing is known of how many match: the filter's index finds them, and has them in order.
            var page = await snapshot.Rows(sql.Page(matching: 0, total: null), sql.Values, read);
            return ((int)sql.Offset + page.Count, page);
        }

        var matching = await snapshot.Number(sql.Count, sql.Values);
        if (matching <= sql.Offset)
        {
            return ((int)matching, []);
        }

        var total = sql.AsksTotal(matching) ? await snapshot.Number($"SELECT count(*) FROM {sql.Table}") : (long?)null;
        return ((int)matching, await snapshot.Rows(sql.Page(matching, total), sql.Values, read));
    });

    /// <summary>The first row of one statement; null when there is none.</summary>
    public static async Task<T?> First<T>(this IDatabase reads, string sql, object?[] values, Func<DbDataReader, T> read)
        where T : class => (await reads.Rows(sql, values, read)) is [var first, ..] ? first : null;
}

/// <summary>In what the SQL of the two databases differs where it otherwise says the same.</summary>
internal sealed record SqlDialect
{
    public static readonly SqlDialect Sqlite = new()
    {
        Mark = '?',
        Like = "LIKE",
        IsSqlite = true,
        Id = static id => id.ToByteArray(bigEndian: true),
        ReadId = static (row, column) => new Guid(row.GetFieldValue<byte[]>(column), bigEndian: true),
    };

    public static readonly SqlDialect PostgreSql = new()
    {
        Mark = '$',
        Like = "ILIKE",
        IsSqlite = false,
        Id = static id => id,
        ReadId = static (row, column) => row.GetGuid(column),
    };

    private SqlDialect()
    {
    }

    /// <summary>What a parameter's number stands behind.</summary>
    public required char Mark { get; init; }

    /// <summary>The operator that finds a pattern, ignoring ASCII case.</summary>
    public required string Like { get; init; }

    /// <summary>Whether it is SQLite's.</summary>
    public required bool IsSqlite { get; init; }

    /// <summary>An id as a parameter: SQLite holds 16 bytes, big endian, PostgreSQL a uuid.</summary>
    public required Func<Guid, object> Id { get; init; }

    public required Func<DbDataReader, int, Guid> ReadId { get; init; }

    /// <summary>
    /// The clause behind a table that says which index to use; null for none. SQLite's planner has no statistics to choose by; PostgreSQL's has,
    /// and takes no order.
    /// </summary>
    public string IndexHint(string? index) => !IsSqlite ? "" : index is null ? " NOT INDEXED" : $" INDEXED BY {index}";

    /// <summary>A text of ours, whose parameters are written ?1, ?2 ... and whose indexes are named in braces, for this database.</summary>
    public string Text(string sql)
    {
        var text = sql;
        for (int open; (open = text.IndexOf('{', StringComparison.Ordinal)) >= 0;)
        {
            var close = text.IndexOf('}', open);
            text = $"{text[..open].TrimEnd(' ')}{IndexHint(text[(open + 1)..close])}{text[(close + 1)..]}";
        }

        return text.Replace('?', Mark);
    }
}

/// <summary>What a storage offers to find out whether it works.</summary>
internal interface IStorageProbe
{
    /// <summary>Completes when a read has answered.</summary>
    Task Read();

    /// <summary>Completes when the database has taken a write that leaves all as it was; fails when it takes none.</summary>
    Task Write();
}

internal sealed class MeasuredStorage(IDatabase database, TimeProvider time) : IStorageLevels
{
    /// <summary>All rows are counted soonest; those past their end are few.</summary>
    public Task<long> CountLive() => database.List(snapshot => snapshot.Number(
        database.Dialect.Text("SELECT (SELECT count(*) FROM session) - (SELECT count(*) FROM session {session_by_expires} WHERE expires <= ?1)"), UnixMicros.From(time.GetUtcNow())));

    public Task<StorageSizes> ReadSizes() => database.Sizes();
}
