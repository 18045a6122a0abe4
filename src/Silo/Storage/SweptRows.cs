using System.Collections.Immutable;
using SessionCluster.Sessions;
using SessionCluster.Silo.Sweeping;
using SessionCluster.Storage;
using SessionCluster.Users;

namespace SessionCluster.Silo.Storage;

/// <summary>What the sweeper reads and deletes, in either database.</summary>
internal sealed class SweptRows(ISqlReads reads, ISweepStatements statements) : ISweptRows
{
    public async Task<ImmutableArray<DueSession>> Due(DateTimeOffset now, int limit)
    {
        var (dialect, moment) = (reads.Dialect, UnixMicros.From(now));
        return [.. await reads.Rows(
            statements.Due,
            [moment, (long)PageBounds.Batch(limit)],
            row => new DueSession(new UserId(row.GetString(0)), new SessionId(dialect.ReadId(row, 1)), row.GetInt64(2) <= moment))];
    }

    public Task<int> PruneEnded(DateTimeOffset before, int limit) => Prune(statements.PruneEnded, before, limit);

    public Task<int> PruneEvents(DateTimeOffset before, int limit) => Prune(statements.PruneEvents, before, limit);

    public Task<int> PrunePlans(DateTimeOffset before, int limit) => Prune(statements.PrunePlans, before, limit);

    private Task<int> Prune(string sql, DateTimeOffset before, int limit) =>
        statements.Run(sql, UnixMicros.From(before), PageBounds.Batch(limit));
}

/// <summary>The sweeper's statements in one database. Each takes a moment in microseconds and the most rows to touch.</summary>
internal interface ISweepStatements
{
    /// <summary>User, id and end of the sessions that are over or may be idle, the longest overdue first.</summary>
    string Due { get; }

    /// <summary>Deletes what is kept of sessions that ended before the moment.</summary>
    string PruneEnded { get; }

    /// <summary>Deletes events from before the moment.</summary>
    string PruneEvents { get; }

    /// <summary>Deletes the states of plans that were written last before the moment.</summary>
    string PrunePlans { get; }

    /// <summary>Runs one of the deletions; how many rows it deleted.</summary>
    Task<int> Run(string sql, long before, long limit);
}
