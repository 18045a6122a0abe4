using System.Text;
using System.Text.Json;
using Npgsql;
using SessionCluster.Events;
using SessionCluster.LoginStage;
using SessionCluster.Sessions;
using SessionCluster.Silo.Storage;
using SessionCluster.Users;
using static SessionCluster.Storage.Tests.OpenStorage;

namespace SessionCluster.Storage.Tests;

/// <summary>The three texts as Orleans' provider runs them: by name, with parameters of its own that they do not use.</summary>
public sealed class StatementTests : IDisposable
{
    private readonly OpenStorage _open = new();

    public void Dispose() => _open.Dispose();

    [Fact]
    public async Task What_one_engine_writes_the_other_reads_and_goes_on_with()
    {
        await _open.Bear("42", Session(1, "42"));

        var (payload, version) = (await Run("ReadFromStorageKey", "ledger", "u:42", null, null))!.Value;
        Assert.Equal(1, version);
        var next = StateDocument.Read<LedgerV1>(payload) with { Revision = 2, Born = [Session(2, "42")], Dead = [Ended(1, 2)], Journal = [Event(1, "42")] };
        var document = StateDocument.Write(next);
        Assert.Null(await Run("WriteToStorageKey", "ledger", "u:42", null, document));
        Assert.Null(await Run("WriteToStorageKey", "ledger", "u:42", 2, document));
        Assert.Equal(2, (await Run("WriteToStorageKey", "ledger", "u:42", 1, document))!.Value.Version);

        Assert.Equal(2, (await _open.ReadLedger("42")).State.Revision);
        Assert.Equal([Session(2, "42")], (await _open.Sessions.LoadByUser(new UserId("42"))).ToArray());
        var refused = await Assert.ThrowsAsync<PostgresException>(() => Run("ClearStorageKey", "ledger", "u:42", 2, null));
        Assert.Equal(PostgreSqlWriter.RuleBroken, refused.SqlState);
    }

    [Theory]
    [InlineData("a session of another user is born")]
    [InlineData("a session of another user is ended")]
    [InlineData("a session is inserted by its own write")]
    [InlineData("a session is written under another's key")]
    [InlineData("a session moves to another user")]
    public async Task The_statements_themselves_refuse_what_no_grain_may_do(string what)
    {
        await _open.Bear("42", Session(1, "42"));
        var before = await _open.Everything();
        var other = SessionKey(Id(2)).Key;

        var refused = await Assert.ThrowsAsync<PostgresException>(() => what switch
        {
            "a session of another user is born" => Run("WriteToStorageKey", "ledger", "u:43", null, StateDocument.Write(new LedgerV1 { Born = [Session(3, "42")] })),
            "a session of another user is ended" => Run("WriteToStorageKey", "ledger", "u:43", null, StateDocument.Write(new LedgerV1 { Dead = [Ended(1, 1)] })),
            "a session is inserted by its own write" => Run("WriteToStorageKey", "session", other, null, StateDocument.Write(Session(2, "42"))),
            "a session is written under another's key" => Run("WriteToStorageKey", "session", other, 1, StateDocument.Write(Session(1, "42"))),
            _ => Run("WriteToStorageKey", "session", SessionKey(Id(1)).Key, 1, StateDocument.Write(Session(1, "43"))),
        });

        Assert.Equal(PostgreSqlWriter.RuleBroken, refused.SqlState);
        Assert.Equal(before, await _open.Everything());
    }

    [Fact]
    public async Task Thousands_of_sessions_end_in_one_write()
    {
        const int Many = 3_000;
        await _open.Bear("42", [.. Enumerable.Range(1, Many).Select(number => Session(number, "42"))]);

        await _open.Change("42", ledger => ledger with { Dead = [.. Enumerable.Range(1, Many).Select(number => Ended(number, 2))] });

        Assert.Equal(0, await _open.Number("SELECT count(*) FROM session"));
        Assert.Equal(Many, await _open.Number("SELECT count(*) FROM ended"));
    }

    [Fact]
    public async Task A_user_agent_longer_than_an_index_entry_is_stored_found_and_ordered()
    {
        // Not compressible, and three bytes a character.
        var random = new Random(1);
        var agent = string.Concat(Enumerable.Range(0, 2048).Select(_ => (char)random.Next(0x4E00, 0x9FFF)));
        await _open.Bear("42", Session(1, "42", row => row with { LastUserAgent = agent, Username = agent[..255] }), Session(2, "42"));
        var query = new SessionQuery(null, null, null, agent, null, null, null, SessionOrder.LastUserAgent, false, 0, 10);

        Assert.Equal(Id(1), Assert.Single((await _open.Sessions.Search(query, Now)).Sessions).Id.Value);
        Assert.Equal(0, (await _open.Sessions.Search(query with { LastUserAgent = agent[..^1] }, Now)).Count);
        Assert.Equal([Id(2), Id(1)], (await _open.Sessions.Search(query with { LastUserAgent = null }, Now)).Sessions.Select(row => row.Id.Value));
    }

    [Theory]
    [InlineData("ledger-v1.json", typeof(LedgerV1), "ledger", "payload")]
    [InlineData("session-v1.json", typeof(SessionV1), "session", "payload")]
    [InlineData("plan-v1.json", typeof(PlanV1), "grain_state", "payload")]
    public async Task A_stored_row_keeps_the_bytes_of_its_payload(string file, Type type, string table, string column)
    {
        var text = (await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Golden", file))).TrimEnd('\n');
        var row = JsonSerializer.Deserialize(text, StateJson.Default.GetTypeInfo(type)!);
        _ = row switch
        {
            LedgerV1 ledger => await Run("WriteToStorageKey", "ledger", "u:1", null, StateDocument.Write(ledger)),
            SessionV1 session => await Run("WriteToStorageKey", "ledger", $"u:{session.UserPk}", null, StateDocument.Write(new LedgerV1 { Born = [session] })),
            PlanV1 plan => await Run("WriteToStorageKey", "plan", "p:1", null, StateDocument.Write(plan)),
            _ => throw new ArgumentOutOfRangeException(nameof(type)),
        };

        Assert.Equal(text, await _open.Database.Source.Command($"SELECT {column}::text FROM {table}").Value<string>());
        if (row is PlanV1 expiring)
        {
            Assert.Equal(UnixMicros.From(expiring.Expires), await _open.Number("SELECT expires FROM grain_state"));
        }
    }

    [Theory]
    [InlineData(PostgreSqlSessionRows.LoadSql, "session_by_user")]
    [InlineData(PostgreSqlSessionRows.EndedByRevisionSql, "ended_by_revision")]
    [InlineData(PostgreSqlSessionRows.EndedSinceSql, "ended_by_revision")]
    [InlineData(PostgreSqlSessionRows.DueSql, "session_by_expires session_by_idle session_pkey")]
    [InlineData(PostgreSqlSessionRows.PruneSql, "ended_by_moment")]
    [InlineData(PostgreSqlPlanRows.PruneSql, "grain_state_by_expires")]
    [InlineData(PostgreSqlEventRows.PruneSql, "event_by_created")]
    [InlineData(PostgreSqlEventRows.FollowSql, "event_pkey")]
    public async Task Each_read_goes_by_its_index(string sql, string indexes)
    {
        object?[] values = sql switch
        {
            PostgreSqlSessionRows.LoadSql => ["42"],
            PostgreSqlSessionRows.EndedByRevisionSql or PostgreSqlSessionRows.EndedSinceSql => ["42", 1L],
            PostgreSqlEventRows.FollowSql => ["5", 1L, 10L],
            _ => [1L, 10L],
        };

        var plan = await Plan(sql, values);

        Assert.All(indexes.Split(' '), index => Assert.Contains(index, plan, StringComparison.Ordinal));
        Assert.DoesNotContain("Seq Scan on session", plan, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("user", "session_by_user")]
    [InlineData("username", "session_by_username")]
    [InlineData("address", "session_by_last_ip")]
    [InlineData("agent", "session_by_last_user_agent")]
    [InlineData("asn", "session_by_asn")]
    [InlineData("country", "session_by_country")]
    [InlineData("created", "session_by_created")]
    [InlineData("last used", "session_by_last_used")]
    [InlineData("expires", "session_by_expires")]
    public async Task Each_filter_and_each_order_of_the_list_has_an_index(string what, string index)
    {
        var all = new SessionQuery(null, null, null, null, null, null, null, SessionOrder.Created, true, 0, 20);
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

        Assert.Contains(index, await Plan(sql.Page(1, null), sql.Values.ToArray()), StringComparison.Ordinal);
    }

    /// <summary>On tables that hold so few rows the planner would rather read them whole: it is told not to.</summary>
    private async Task<string> Plan(string sql, object?[] values)
    {
        await _open.Bear("a", [.. Enumerable.Range(1, 500).Select(number => At(Session(number, "a", row => row with
        {
            Username = $"n{number}", LastIp = $"ip{number}", LastUserAgent = $"agent{number}", Created = Now.AddSeconds(number),
        }), number, $"C{number}"))]);
        await _open.Change("b", ledger => ledger with
        {
            Dead = [.. Enumerable.Range(1001, 500).Select(number => Ended(number, 1) with { EndedAt = Now.AddSeconds(number) })],
        });
        await _open.Execute("ANALYZE");
        await using var connection = await _open.Database.Source.OpenConnectionAsync();
        await connection.Command("SET enable_seqscan = off").Run();
        await connection.Command("SET enable_bitmapscan = off").Run();
        var plan = await connection.Command($"EXPLAIN {sql}", values).Rows(reader => reader.GetString(0));
        await connection.Command("RESET ALL").Run();
        return string.Join('\n', plan);
    }

    private async Task<(byte[] Payload, int Version)?> Run(string key, string state, string grainKey, int? version, byte[]? payload)
    {
        await using var connection = await _open.Database.Source.OpenConnectionAsync();
        var text = await connection.Command("SELECT QueryText FROM OrleansQuery WHERE QueryKey = $1", key).Value<string>();
        await using var command = new NpgsqlCommand(text, connection);
        foreach (var (name, value) in ((string, object?)[])
            [("GrainIdHash", 1), ("GrainIdN0", 2L), ("GrainIdN1", 3L), ("GrainTypeHash", 4), ("GrainTypeString", state), ("GrainIdExtensionString", grainKey), ("ServiceId", "s")])
        {
            command.Parameters.AddWithValue(name, value!);
        }

        command.Parameters.Add(new NpgsqlParameter("GrainStateVersion", System.Data.DbType.Int32) { Value = version ?? (object)DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter("PayloadBinary", System.Data.DbType.Binary) { Value = payload ?? (object)DBNull.Value });
        await using var reader = await command.ExecuteReaderAsync();
        if (!await reader.ReadAsync())
        {
            return null;
        }

        return key == "ReadFromStorageKey"
            ? ((byte[])reader["PayloadBinary"], Convert.ToInt32(reader["Version"], System.Globalization.CultureInfo.InvariantCulture))
            : (Encoding.UTF8.GetBytes(""), Convert.ToInt32(reader["NewGrainStateVersion"], System.Globalization.CultureInfo.InvariantCulture));
    }
}
