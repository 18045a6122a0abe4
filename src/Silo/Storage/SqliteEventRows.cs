using System.Collections.Immutable;
using Microsoft.Data.Sqlite;
using SessionCluster.Events;
using SessionCluster.Sessions;
using SessionCluster.Storage;
using SessionCluster.Users;

namespace SessionCluster.Silo.Storage;

/// <summary>Reads over the event log in SQLite, and its pruning, which goes through the writer.</summary>
internal sealed class SqliteEventRows(SqliteDatabase database) : IEventRows
{
    internal const string PruneSql =
        "DELETE FROM event WHERE seq IN (SELECT seq FROM event INDEXED BY event_by_created WHERE created < ?1 ORDER BY created LIMIT ?2)";

    private const string Columns = "pk, action, user_pk, username, email, name, client_ip, session, created, context";

    public Task<EventPage> Search(EventQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var sql = new EventListSql(query);
        return database.Lists.ReadAtOnce(link =>
        {
            using var counting = link.Once(sql.Count);
            var matching = counting.Number(sql.Values) ?? 0;
            if (matching <= PageBounds.Offset(query.Offset))
            {
                return new EventPage((int)matching, []);
            }

            var total = matching > SessionListSql.FewRows ? link.Prepared("SELECT count(*) FROM event").Number() : null;
            using var paging = link.Once(sql.Page(matching, total));
            return new EventPage((int)matching, Load(link, paging, sql));
        });
    }

    public Task<EventInfo?> Find(Guid pk) => database.Points.Read(link =>
    {
        using var reader = link.Prepared($"SELECT {Columns} FROM event WHERE pk = ?1").Query(SqliteIds.ToBlob(pk));
        return reader.Read() ? Read(reader) : null;
    });

    public Task<int> Prune(DateTimeOffset before, int limit) => database.Writer.Write(
        link => link.Prepared(PruneSql).Execute(UnixMicros.From(before), Math.Clamp(limit, 1, SqliteSessionRows.LargestBatch)));

    private static ImmutableArray<EventInfo> Load(SqliteLink link, Statement paging, EventListSql sql)
    {
        var numbers = new List<long>();
        using (var reader = paging.Query(sql.Values))
        {
            while (reader.Read())
            {
                numbers.Add(reader.GetInt64(0));
            }
        }

        var rows = ImmutableArray.CreateBuilder<EventInfo>(numbers.Count);
        foreach (var number in numbers)
        {
            using var reader = link.Prepared($"SELECT {Columns} FROM event WHERE seq = ?1").Query(number);
            reader.Read();
            rows.Add(Read(reader));
        }

        return rows.DrainToImmutable();
    }

    private static EventInfo Read(SqliteDataReader reader) => new(
        SqliteIds.Read(reader, 0),
        reader.GetString(1),
        new UserFacts(new UserId(reader.GetString(2)), reader.GetString(3), reader.GetString(4), reader.GetString(5)),
        reader.IsDBNull(6) ? null : reader.GetString(6),
        reader.IsDBNull(7) ? null : new SessionId(SqliteIds.Read(reader, 7)),
        UnixMicros.ToMoment(reader.GetInt64(8)),
        reader.GetString(9));
}
