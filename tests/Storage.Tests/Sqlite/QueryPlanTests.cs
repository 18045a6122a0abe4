using SessionCluster.Events;
using SessionCluster.Sessions;
using SessionCluster.Silo.Storage;
using SessionCluster.Users;

namespace SessionCluster.Storage.Tests.Sqlite;

/// <summary>How SQLite runs the reads: by the index that is there for them, and in order without a sort where one is.</summary>
public sealed class QueryPlanTests : IAsyncLifetime
{
    private const long Million = 1_000_000;

    private static readonly SessionQuery Sessions = new(SessionOrder.Created, Descending: true, 0, 20);

    private static readonly EventQuery Events = new([], null, null, null, true, 0, 20);

    private readonly OpenSqlite _open = new();

    public Task InitializeAsync() => _open.Start();

    public async Task DisposeAsync() => await _open.DisposeAsync();

    [Theory]
    [InlineData("user", "session_by_user (user_pk=?")]
    [InlineData("username", "session_by_username (username=? AND expires>?")]
    [InlineData("address", "session_by_last_ip (last_ip=? AND expires>?")]
    [InlineData("agent", "session_by_last_user_agent (last_user_agent=? AND expires>?")]
    [InlineData("asn", "session_by_asn (asn=? AND expires>?")]
    [InlineData("country", "session_by_country (country=? AND expires>?")]
    public async Task Each_filter_of_sessions_counts_and_pages_by_its_index(string filter, string index)
    {
        var sql = new SessionListSql(Filtered(filter), 0, SqlDialect.Sqlite);

        Assert.StartsWith($"SEARCH session USING COVERING INDEX {index}", Assert.Single(await Plan(sql.Count, sql.Values.Length)), StringComparison.Ordinal);
        var page = await Keys(sql.Page(matching: 100, Million), sql.Values.Length);
        Assert.Contains(index, page[0], StringComparison.Ordinal);
        Assert.StartsWith("SEARCH session USING", page[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("asn")]
    [InlineData("agent")]
    [InlineData("country")]
    public async Task A_filter_that_half_of_all_rows_match_pages_by_the_order_without_a_sort(string filter)
    {
        var sql = new SessionListSql(Filtered(filter), 0, SqlDialect.Sqlite);

        var page = await Keys(sql.Page(Million / 2, Million), sql.Values.Length);

        Assert.Equal("SCAN session USING INDEX session_by_created", Assert.Single(page));
    }

    [Fact]
    public async Task A_filter_that_half_of_all_rows_match_sorts_them_for_a_page_far_behind()
    {
        var sql = new SessionListSql(Filtered("country") with { Offset = 400_000 }, 0, SqlDialect.Sqlite);

        var page = await Keys(sql.Page(Million / 2, Million), sql.Values.Length);

        Assert.Contains("session_by_country", page[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SessionOrder.Created, "SCAN session USING COVERING INDEX session_by_created")]
    [InlineData(SessionOrder.LastUsed, "SCAN session USING COVERING INDEX session_by_last_used")]
    [InlineData(SessionOrder.LastIp, "SCAN session USING COVERING INDEX session_by_last_ip")]
    [InlineData(SessionOrder.LastUserAgent, "SCAN session USING COVERING INDEX session_by_last_user_agent")]
    [InlineData(SessionOrder.Username, "SCAN session USING COVERING INDEX session_by_username")]
    [InlineData(SessionOrder.Expires, "SEARCH session USING COVERING INDEX session_by_expires (expires>?)")]
    [InlineData(SessionOrder.Id, "SCAN session USING COVERING INDEX session_by_id")]
    public async Task Each_order_of_all_sessions_walks_its_index_without_a_sort(SessionOrder order, string plan)
    {
        foreach (var descending in (bool[])[true, false])
        {
            var sql = new SessionListSql(Sessions with { Order = order, Descending = descending }, 0, SqlDialect.Sqlite);

            var steps = await Keys(sql.Page(Million, Million), sql.Values.Length);
            Assert.Equal(plan, steps[0]);
            Assert.DoesNotContain(steps, step => step.Contains("TEMP B-TREE", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Counting_all_live_sessions_reads_an_index_and_the_expired_ones()
    {
        var sql = new SessionListSql(Sessions, 0, SqlDialect.Sqlite);

        var plan = await Plan(sql.Count, sql.Values.Length);

        Assert.Contains(plan, step => step.StartsWith("SCAN session USING COVERING INDEX", StringComparison.Ordinal));
        Assert.Contains(plan, step => step == "SEARCH session USING COVERING INDEX session_by_expires (expires<?)");
    }

    [Fact]
    public async Task A_rare_search_reads_the_table_in_its_own_order_and_a_frequent_one_walks_the_order()
    {
        var sql = new SessionListSql(Sessions with { Search = "x" }, 0, SqlDialect.Sqlite);

        Assert.Equal("SCAN session", (await Keys(sql.Page(10, Million), sql.Values.Length))[0]);
        Assert.Equal(
            "SCAN session USING INDEX session_by_created", Assert.Single(await Keys(sql.Page(Million / 10, Million), sql.Values.Length)));
    }

    [Theory]
    [InlineData(SqliteStates.LiveSql, "SEARCH session USING INDEX session_by_user (user_pk=?)")]
    [InlineData(SqliteStates.EndedLatelySql, "SEARCH ended USING INDEX ended_by_revision (user_pk=?)")]
    [InlineData(SessionRows.OfRevisionSql, "SEARCH ended USING COVERING INDEX ended_by_revision (user_pk=? AND revision=?)")]
    [InlineData(SessionRows.EndedSql, "SEARCH ended USING INDEX sqlite_autoindex_ended_1 (id=?)")]
    [InlineData(SessionRows.LiveSql, "SEARCH session USING INDEX session_by_id (id=?)")]
    [InlineData(SqliteEventCursor.FollowSql, "SEARCH event USING INTEGER PRIMARY KEY (rowid>?)")]
    public async Task Reads_of_one_user_and_of_one_row_use_one_index_and_no_sort(string sql, string plan) =>
        Assert.Equal(plan, Assert.Single(await Plan(SqlDialect.Sqlite.Text(sql), sql == SqliteStates.LiveSql ? 1 : 2)));

    [Fact]
    public async Task The_sweep_walks_the_index_of_the_end_from_where_it_was()
    {
        Assert.Equal("SEARCH session USING INDEX session_by_expires ((expires,id)>(?,?) AND expires<?)", Assert.Single(await Plan(SqlDialect.Sqlite.Text(SweptRows.ExpiredSql), 4)));
        Assert.Equal("SEARCH session USING INDEX session_by_idle (idle_at>? AND idle_at<?)", (await Plan(SqlDialect.Sqlite.Text(SweptRows.IdleSql), 4))[0]);
    }

    [Fact]
    public async Task Pruning_walks_the_index_of_the_moment()
    {
        foreach (var (sql, index) in ((string, string)[])[
            (_open.Database.PruneEndedSql, "ended_by_moment (ended_at<?)"),
            (_open.Database.PrunePlansSql, "plan_by_moment (modified<?)"),
            (_open.Database.PruneEventsSql, "event_by_created (created<?)")])
        {
            Assert.Contains(await Plan(sql, 2), step => step.Contains(index, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("action", "event_by_action (action=?)")]
    [InlineData("username", "event_by_username (username=?)")]
    [InlineData("address", "event_by_client_ip (client_ip=?)")]
    [InlineData("user without a name", "event_by_nameless (user_pk=?)")]
    public async Task Each_filter_of_events_counts_and_pages_by_its_index_without_a_sort(string filter, string index)
    {
        var sql = new EventListSql(filter switch
        {
            "action" => Events with { Actions = ["login"] },
            "username" => Events with { Username = "x" },
            "user without a name" => Events with { Username = "", User = new UserId("x"), Actions = ["login", "logout"] },
            _ => Events with { ClientIp = "x" },
        }, SqlDialect.Sqlite);

        Assert.EndsWith(index, Assert.Single(await Plan(sql.Count, sql.Values.Length)), StringComparison.Ordinal);
        Assert.EndsWith(index, Assert.Single(await Keys(sql.Page(100, Million), sql.Values.Length)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_events_page_by_their_moment_without_a_sort()
    {
        var sql = new EventListSql(Events, SqlDialect.Sqlite);

        Assert.Equal("SCAN event USING COVERING INDEX event_by_created", Assert.Single(await Keys(sql.Page(Million, Million), 0)));
    }

    [Theory]
    [InlineData("all", "event_by_created (created>?)")]
    [InlineData("username", "event_by_username (username=? AND created>?)")]
    [InlineData("address", "event_by_client_ip (client_ip=? AND created>?)")]
    [InlineData("action", "event_by_action (action=? AND created>?)")]
    public async Task Newer_events_are_found_by_an_index_without_a_sort(string filter, string index)
    {
        var newer = Events with { Since = DateTimeOffset.UnixEpoch, MostCounted = 0 };
        var sql = new EventListSql(filter switch
        {
            "all" => newer,
            "username" => newer with { Username = "x" },
            "address" => newer with { ClientIp = "x" },
            _ => newer with { Actions = ["login"] },
        }, SqlDialect.Sqlite);

        Assert.EndsWith(index, Assert.Single(await Keys(sql.Page(0, null), sql.Values.Length)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(UserListSql.ByName)]
    [InlineData(UserListSql.ByKey)]
    public async Task Users_are_found_step_by_step_in_an_index(string sql)
    {
        var steps = await Plan(SqlDialect.Sqlite.Text(sql), 4);

        Assert.DoesNotContain(steps, step => step.Contains("SCAN event", StringComparison.Ordinal) || step.Contains("SCAN session", StringComparison.Ordinal) || step.Contains("SCAN ledger", StringComparison.Ordinal)
            || step.Contains("SCAN e ", StringComparison.Ordinal) || step.Contains("SCAN s ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_beginning_of_sessions_and_a_search_of_the_newest_events_read_a_few_rows_by_their_keys()
    {
        ListSql[] lists =
        [
            new SessionListSql(Sessions with { Begins = "x", Country = "DE" }, 0, SqlDialect.Sqlite), new EventListSql(Events with { Search = "x", Newest = 10, Actions = ["login"] }, SqlDialect.Sqlite),
        ];
        foreach (var list in lists)
        {
            Assert.False(list.AsksTotal(Million));
            Assert.DoesNotContain(await Plan(list.Page(5000, null), list.Values.Length), step => step.Contains("session_by_country", StringComparison.Ordinal));
            foreach (var sql in (string[])[list.Count, list.Page(5000, null)])
            {
                var steps = await Plan(sql, list.Values.Length);

                Assert.DoesNotContain(steps, step => step.StartsWith("SCAN session", StringComparison.Ordinal) || step.StartsWith("SCAN event", StringComparison.Ordinal));
                Assert.Contains(steps, step => step.Contains("USING INTEGER PRIMARY KEY (rowid=?)", StringComparison.Ordinal));
            }
        }
    }

    private static SessionQuery Filtered(string filter) => filter switch
    {
        "user" => Sessions with { User = new UserId("x") },
        "username" => Sessions with { Username = "x" },
        "address" => Sessions with { LastIp = "x" },
        "agent" => Sessions with { LastUserAgent = "x" },
        "asn" => Sessions with { Asn = 1 },
        _ => Sessions with { Country = "x" },
    };

    /// <summary>How the keys of a page are found. The rows are then looked up by their keys and sorted, which are a page's.</summary>
    private async Task<List<string>> Keys(string sql, int parameters)
    {
        var steps = await Steps(sql, parameters);
        var keys = steps.Single(step => step.Parent == 0 && step.Text.StartsWith("LIST SUBQUERY", StringComparison.Ordinal));
        Assert.EndsWith("USING INTEGER PRIMARY KEY (rowid=?)", steps[0].Text, StringComparison.Ordinal);
        return [.. steps.Where(step => step.Parent == keys.Id).Select(step => step.Text)];
    }

    private async Task<List<string>> Plan(string sql, int parameters) => [.. (await Steps(sql, parameters)).Select(step => step.Text)];

    private Task<List<(int Id, int Parent, string Text)>> Steps(string sql, int parameters) => _open.Database.Lists.Read(link =>
    {
        using var statement = link.Once($"EXPLAIN QUERY PLAN {sql}");
        using var reader = statement.Query([.. Enumerable.Repeat((object?)0L, parameters)]);
        var steps = new List<(int Id, int Parent, string Text)>();
        while (reader.Read())
        {
            steps.Add((reader.GetInt32(0), reader.GetInt32(1), reader.GetString(3)));
        }

        return steps;
    });
}
