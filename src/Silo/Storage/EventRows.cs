using System.Data.Common;
using SessionCluster.Events;
using SessionCluster.Sessions;
using SessionCluster.Storage;
using SessionCluster.Users;

namespace SessionCluster.Silo.Storage;

/// <summary>The event log, in either database. Where a reader stands in the log is each database's own matter.</summary>
internal sealed class EventRows(ISqlReads database, IEventCursor cursor, IStateDatabase states) : IEventRows
{
    /// <summary>The columns that <see cref="Read(DbDataReader, SqlDialect)"/> takes, in its order.</summary>
    public const string Columns = "pk, action, user_pk, username, email, name, client_ip, session, created, context";

    private readonly SqlDialect _dialect = database.Dialect;

    public Task<EventPage> Search(EventQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var sql = new EventListSql(query, _dialect);
        return database.List(async snapshot =>
        {
            var matching = await snapshot.Number(sql.Count, sql.Values);
            if (matching <= PageBounds.Offset(query.Offset))
            {
                return new EventPage((int)matching, []);
            }

            var total = sql.AsksTotal(matching) ? await snapshot.Number("SELECT count(*) FROM event") : (long?)null;
            return new EventPage((int)matching, [.. await snapshot.Rows(sql.Page(matching, total), sql.Values, row => Read(row, _dialect))]);
        });
    }

    public Task<EventInfo?> Find(Guid pk) => database.First(
        _dialect.Text($"SELECT {Columns} FROM event WHERE pk = ?1"), [_dialect.Id(pk)], row => Read(row, _dialect));

    public Task<EventBatch> Read(EventCursorQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return database.Point(snapshot => cursor.Read(snapshot, query));
    }

    public Task Append(EventV1 entry) => states.Append(EventRow.From(entry));

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

/// <summary>How readers follow the event log of one database.</summary>
internal interface IEventCursor
{
    /// <summary>The events behind a place, in the order of their commits; never one while a smaller one may still be committed.</summary>
    ValueTask<EventBatch> Read(ISqlSnapshot snapshot, EventCursorQuery query);
}
