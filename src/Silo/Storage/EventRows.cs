using System.Data.Common;

namespace SessionCluster.Silo.Storage;

/// <summary>The event log, in either database. Where a reader stands in the log is each database's own matter.</summary>
internal sealed class EventRows(IDatabase database, IOptions<EventOptions> options, TimeProvider time) : IEventRows, IDisposable
{
    /// <summary>This clock may be behind by this much those of the members that prune.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    /// <summary>The columns that <see cref="Read(DbDataReader, SqlDialect)"/> takes, in its order.</summary>
    public const string Columns = "pk, action, user_pk, username, email, name, client_ip, session, created, context";

    /// <summary>How far back a page of a list is found in a moment.</summary>
    private const int NearOffset = 10_000;

    /// <summary>How long a search waits for the one before it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly SqlDialect _dialect = database.Dialect;

    /// <summary>What reads the whole log goes one after the other here, and leaves the other connections to the lists that people wait for.</summary>
    private readonly SemaphoreSlim _long = new(1);

    public async Task<EventPage> Search(EventQuery query)
    {
        if (query is { Search: null, Offset: <= NearOffset } or not { Newest: null, Username: null, ClientIp: null, User: null, Session: null })
        {
            return await Page(query);
        }

        if (!await _long.WaitAsync(Patience))
        {
            throw new StorageUnavailableException(
                $"Another search of the event log has kept this one waiting for {Patience.TotalSeconds} seconds. Each reads the whole log: name a user or an address, or follow the stream.",
                outcomeUnknown: false);
        }

        try
        {
            return await Page(query);
        }
        finally
        {
            _long.Release();
        }
    }

    private async Task<EventPage> Page(EventQuery query)
    {
        var (count, rows) = await database.Page(new EventListSql(query, _dialect), row => Read(row, _dialect));
        return new EventPage(count, [.. rows]);
    }

    public Task<EventInfo?> Find(Guid pk) => database.First(
        _dialect.Text($"SELECT {Columns} FROM event WHERE pk = ?1"), [_dialect.Id(pk)], row => Read(row, _dialect));

    public Task<EventBatch> Read(EventCursorQuery query) => database.Point(snapshot => database.Follow(snapshot, query));

    // What is older than all that is kept was in the log and is pruned: again in it, readers would get it a second time.
    public Task Append(EventInfo entry) => time.GetUtcNow() - entry.Created > options.Value.RetentionValue - Margin ? Task.CompletedTask : database.Append(entry);

    public void Dispose() => _long.Dispose();

    /// <summary>The event of a row that begins with <see cref="Columns"/>.</summary>
    public static EventInfo Read(DbDataReader row, SqlDialect dialect) => new(
        dialect.ReadId(row, 0),
        row.GetString(1),
        new UserFacts(new UserId(row.GetString(2)), row.GetString(3), row.GetString(4), row.GetString(5)),
        row.IsDBNull(6) ? null : row.GetString(6),
        row.IsDBNull(7) ? null : new SessionId(dialect.ReadId(row, 7)),
        UnixMicros.ToMoment(row.GetInt64(8)),
        row.GetString(9));
}
