using SessionCluster.Events;
using SessionCluster.Sessions;
using SessionCluster.Silo.Storage;
using SessionCluster.Users;
using static SessionCluster.Storage.Tests.Rows;

namespace SessionCluster.Storage.Tests.PostgreSql;

/// <summary>How PostgreSQL runs the reads: by the index that is there for them.</summary>
public sealed class QueryPlanTests : IAsyncLifetime
{
    private static readonly EventQuery Events = new([], null, null, null, true, 0, 20);

    private readonly OpenPostgreSql _open = new();

    public Task InitializeAsync() => _open.Start();

    public async Task DisposeAsync() => await _open.DisposeAsync();

    [PostgreSqlFact]
    public async Task Each_read_and_each_pruning_goes_by_its_index()
    {
        await Fill();
        foreach (var (sql, values, indexes) in ((string, object?[], string)[])[
            (SqlDialect.PostgreSql.Text(SessionRows.OfRevisionSql), ["42", 1L], "ended_by_revision"),
            (SqlDialect.PostgreSql.Text(SessionRows.EndedSql), [Id(1), 1L], "ended_pkey"),
            (SqlDialect.PostgreSql.Text(SessionRows.LiveSql), [Id(1), 1L], "session_pkey"),
            (PostgreSqlEventCursor.FollowSql, ["5", 1L, 10L], "event_pkey"),
            (SqlDialect.PostgreSql.Text(SweptRows.ExpiredSql), [1L, 0L, Id(1), 10L], "session_by_expires"),
            (SqlDialect.PostgreSql.Text(SweptRows.IdleSql), [1L, 0L, Id(1), 10L], "session_by_idle"),
            (_open.Database.PruneEndedSql, [1L, 10L], "ended_by_moment"),
            (_open.Database.PruneEventsSql, [1L, 10L], "event_by_created"),
            (_open.Database.PrunePlansSql, [1L, 10L], "plan_by_moment")])
        {
            var plan = await Plan(sql, values);

            Assert.All(indexes.Split(' '), index => Assert.Contains(index, plan, StringComparison.Ordinal));
            Assert.DoesNotMatch("Seq Scan on (session|ended|event|orleansstorage)( |$)", plan);
        }
    }

    [PostgreSqlTheory]
    [InlineData("user", "session_by_user")]
    [InlineData("username", "session_by_username")]
    [InlineData("address", "session_by_last_ip")]
    [InlineData("agent", "session_by_last_user_agent")]
    [InlineData("asn", "session_by_asn")]
    [InlineData("country", "session_by_country")]
    [InlineData("created", "session_by_created")]
    [InlineData("last used", "session_by_last_used")]
    [InlineData("expires", "session_by_expires")]
    public async Task Each_filter_and_each_order_of_sessions_has_an_index(string what, string index)
    {
        await Fill();
        var all = new SessionQuery(SessionOrder.Created, Descending: true, 0, 20);
        var sql = new SessionListSql(
            what switch
            {
                "user" => all with { User = new UserId("42") },
                "username" => all with { Username = "x" },
                "address" => all with { LastIp = "x" },
                "agent" => all with { LastUserAgent = "x" },
                "asn" => all with { Asn = 1 },
                "country" => all with { Country = "x" },
                "last used" => all with { Order = SessionOrder.LastUsed },
                "expires" => all with { Order = SessionOrder.Expires },
                _ => all,
            },
            0,
            SqlDialect.PostgreSql);

        Assert.Contains(index, await Plan(sql.Page(1, null), sql.Values), StringComparison.Ordinal);
    }

    [PostgreSqlTheory]
    [InlineData("action", "event_by_action")]
    [InlineData("username", "event_by_username")]
    [InlineData("address", "event_by_client_ip")]
    [InlineData("created", "event_by_created")]
    [InlineData("user without a name", "event_by_nameless")]
    public async Task Each_filter_of_events_and_their_order_has_an_index(string what, string index)
    {
        await Fill();
        var sql = new EventListSql(
            what switch
            {
                "action" => Events with { Actions = ["login"] },
                "username" => Events with { Username = "x" },
                "address" => Events with { ClientIp = "x" },
                "user without a name" => Events with { Username = "", User = new UserId("42"), Actions = ["login", "logout"] },
                _ => Events,
            },
            SqlDialect.PostgreSql);

        Assert.Contains(index, await Plan(sql.Page(1, null), sql.Values), StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task A_user_agent_longer_than_an_index_entry_is_stored_found_and_ordered()
    {
        // Not compressible, and three bytes a character.
        var random = new Random(1);
        var agent = string.Concat(Enumerable.Range(0, 2048).Select(_ => (char)random.Next(0x4E00, 0x9FFF)));
        await _open.Create("42", Session(1, "42", row => row with { LastUserAgent = agent, Username = agent[..255] }), Session(2, "42"));
        var query = new SessionQuery(SessionOrder.LastUserAgent, Descending: false, 0, 10, LastUserAgent: agent);

        Assert.Equal(Id(1), Assert.Single((await _open.Lists.Search(query, Now)).Sessions).Id.Value);
        Assert.Equal(0, (await _open.Lists.Search(query with { LastUserAgent = agent[..^1] }, Now)).Count);
        Assert.Equal([Id(2), Id(1)], (await _open.Lists.Search(query with { LastUserAgent = null }, Now)).Sessions.Select(row => row.Id.Value));
    }

    /// <summary>Enough rows, each of which stands alone by what is filtered for.</summary>
    private async Task Fill()
    {
        await _open.Change("a", ledger => ledger with
        {
            Created = [.. Enumerable.Range(1, 500).Select(number => At(Session(number, "a", row => row with
            {
                Username = $"n{number}", LastIp = $"ip{number}", LastUserAgent = $"agent{number}", Created = Now.AddSeconds(number),
            }), number, $"C{number}"))],
            Events = [.. Enumerable.Range(1, 500).Select(number => Event(number, "a", row => row with
            {
                Action = $"action{number}", User = row.User with { Username = $"n{number}" }, ClientIp = $"ip{number}", Created = Now.AddSeconds(number),
            }))],
        });
        await _open.Change("b", ledger => ledger with
        {
            Ended = [.. Enumerable.Range(1001, 500).Select(number => Ended(number, 1) with { EndedAt = Now.AddSeconds(number) })],
        });
        await _open.Execute("ANALYZE");
    }

    /// <summary>On tables that hold so few rows the planner would rather read them whole: it is told not to.</summary>
    private async Task<string> Plan(string sql, object?[] values)
    {
        await using var connection = await _open.Database.Source.OpenConnectionAsync();
        await connection.Command("SET enable_seqscan = off").Run();
        await connection.Command("SET enable_bitmapscan = off").Run();
        var plan = await connection.Command($"EXPLAIN {sql}", values).Rows(reader => reader.GetString(0));
        await connection.Command("RESET ALL").Run();
        return string.Join('\n', plan);
    }
}
