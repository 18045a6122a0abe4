using SessionCluster.Sessions;
using SessionCluster.Storage.Tests.PostgreSql;
using SessionCluster.Storage.Tests.Sqlite;
using SessionCluster.Users;
using static SessionCluster.Storage.Tests.Rows;

namespace SessionCluster.Storage.Tests;

public sealed class SqliteSessionUpdateTests() : SessionUpdateTests(new OpenSqlite());

[OnPostgreSql]
public sealed class PostgreSqlSessionUpdateTests() : SessionUpdateTests(new OpenPostgreSql());

public abstract class SessionUpdateTests : StorageTests
{
    private protected SessionUpdateTests(OpenStorage open)
        : base(open)
    {
    }

    [SuiteFact]
    public async Task An_update_replaces_the_row_and_raises_its_version()
    {
        await Open.Create("42", Session(1, "42"));
        var row = await Open.ReadSession(1);
        var changed = At(row.State, 64500, "CZ") with { LastIp = "198.51.100.7", LastUserAgent = "other", Data = "{}" };
        row.State = changed;

        await Open.WriteSession(1, row);

        Assert.Equal("2", row.ETag);
        var stored = await Open.ReadSession(1);
        Assert.Equal(changed, stored.State);
        Assert.Equal("2", stored.ETag);
    }

    [SuiteTheory]
    [InlineData("last use")]
    [InlineData("address")]
    [InlineData("agent")]
    [InlineData("asn")]
    [InlineData("country")]
    [InlineData("username")]
    [InlineData("expiry")]
    [InlineData("idle")]
    public async Task The_columns_follow_the_payload(string what)
    {
        await Open.Create("42", Session(1, "42"));
        var row = await Open.ReadSession(1);
        row.State = what switch
        {
            "last use" => row.State with { LastUsed = Now.AddMinutes(1) },
            "address" => row.State with { LastIp = "198.51.100.7" },
            "agent" => row.State with { LastUserAgent = "other" },
            "asn" => At(row.State, 64500, null),
            "country" => At(row.State, null, "CZ"),
            "username" => row.State with { Username = "renamed" },
            "expiry" => row.State with { Expires = Now.AddDays(2) },
            _ => row.State with { IdleMicros = 60_000_000 },
        };

        await Open.WriteSession(1, row);

        Assert.Equal(1, await Open.Number(Open.SoundSessions));
        Assert.Equal(row.State, (await Open.ReadSession(1)).State);
    }

    [SuiteFact]
    public async Task A_late_update_of_an_ended_session_changes_nothing()
    {
        await Open.Create("42", Session(1, "42"));
        var late = await Open.ReadSession(1);
        await Open.Change("42", ledger => ledger with { Ended = [Ended(1, 2)] });
        var before = await Open.Everything();
        late.State = late.State with { LastUsed = Now.AddMinutes(5) };

        await Assert.ThrowsAsync<InconsistentStateException>(
            () => Open.WriteSession(1, late));

        Assert.Equal(before, await Open.Everything());
    }

    [SuiteFact]
    public async Task An_update_based_on_an_older_version_changes_nothing()
    {
        await Open.Create("42", Session(1, "42"));
        var old = await Open.ReadSession(1);
        var row = await Open.ReadSession(1);
        await Open.WriteSession(1, row);
        var before = await Open.Everything();

        await Assert.ThrowsAsync<InconsistentStateException>(
            () => Open.WriteSession(1, old));

        Assert.Equal(before, await Open.Everything());
    }

    [SuiteFact]
    public async Task A_session_is_neither_inserted_nor_cleared_nor_moved()
    {
        await Open.Create("42", Session(1, "42"));
        var before = await Open.Everything();
        var row = await Open.ReadSession(1);
        var unread = new Held<SessionV1>(Session(2, "42"));
        var foreign = new Held<SessionV1>(Session(2, "42")) { ETag = "1" };
        var moved = new Held<SessionV1>(Session(1, "43")) { ETag = "1" };

        await Assert.ThrowsAsync<InvalidOperationException>(
            () => Open.Storage.ClearStateAsync(SessionV1.StateName, SessionKey(Id(1)), row));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => Open.WriteSession(2, unread));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => Open.WriteSession(1, foreign));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => Open.WriteSession(1, moved));

        Assert.Equal(before, await Open.Everything());
    }

    [SuiteFact]
    public async Task A_missing_session_reads_as_no_record()
    {
        var row = await Open.ReadSession(1);

        Assert.False(row.RecordExists);
        Assert.Null(row.ETag);
    }

    [SuiteFact]
    public async Task An_update_is_seen_by_a_read_that_starts_after_its_answer()
    {
        await Open.Create("42", Session(1, "42"));
        for (var second = 1; second <= 50; second++)
        {
            var row = await Open.ReadSession(1);
            row.State = row.State with { LastUsed = Now.AddSeconds(second) };
            await Open.WriteSession(1, row);

            var seen = Assert.Single(await Open.Live("42"));
            Assert.Equal(Now.AddSeconds(second), seen.LastUsed);
        }
    }
}
