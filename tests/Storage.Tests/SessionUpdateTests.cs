using SessionCluster.Sessions;
using SessionCluster.Users;
using static SessionCluster.Storage.Tests.OpenStorage;

namespace SessionCluster.Storage.Tests;

public sealed class SessionUpdateTests : IDisposable
{
    private readonly OpenStorage _open = new();

    public void Dispose() => _open.Dispose();

    [Fact]
    public async Task An_update_replaces_the_row_and_raises_its_version()
    {
        await _open.Bear("42", Session(1, "42"));
        var row = await _open.ReadSession(1);
        var changed = At(row.State, 64500, "CZ") with { LastIp = "198.51.100.7", LastUserAgent = "other", Data = "{}" };
        row.State = changed;

        await _open.Storage.WriteStateAsync(SessionV1.StateName, SessionKey(Id(1)), row);

        Assert.Equal("2", row.ETag);
        var stored = await _open.ReadSession(1);
        Assert.Equal(changed, stored.State);
        Assert.Equal("2", stored.ETag);
    }

    [Theory]
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
        await _open.Bear("42", Session(1, "42"));
        var row = await _open.ReadSession(1);
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

        await _open.Storage.WriteStateAsync(SessionV1.StateName, SessionKey(Id(1)), row);

        Assert.Equal(1, await _open.Number(SoundSessions));
        Assert.Equal(row.State, (await _open.ReadSession(1)).State);
    }

    [Fact]
    public async Task A_late_update_of_an_ended_session_changes_nothing()
    {
        await _open.Bear("42", Session(1, "42"));
        var late = await _open.ReadSession(1);
        await _open.Change("42", ledger => ledger with { Dead = [Ended(1, 2)] });
        var before = await _open.Everything();
        late.State = late.State with { LastUsed = Now.AddMinutes(5) };

        var conflict = await Assert.ThrowsAsync<InconsistentStateException>(
            () => _open.Storage.WriteStateAsync(SessionV1.StateName, SessionKey(Id(1)), late));

        Assert.Null(conflict.StoredEtag);
        Assert.Equal(before, await _open.Everything());
    }

    [Fact]
    public async Task An_update_based_on_an_older_version_changes_nothing()
    {
        await _open.Bear("42", Session(1, "42"));
        var old = await _open.ReadSession(1);
        var row = await _open.ReadSession(1);
        await _open.Storage.WriteStateAsync(SessionV1.StateName, SessionKey(Id(1)), row);
        var before = await _open.Everything();

        await Assert.ThrowsAsync<InconsistentStateException>(
            () => _open.Storage.WriteStateAsync(SessionV1.StateName, SessionKey(Id(1)), old));

        Assert.Equal(before, await _open.Everything());
    }

    [Fact]
    public async Task A_session_is_neither_inserted_nor_cleared_nor_moved()
    {
        await _open.Bear("42", Session(1, "42"));
        var before = await _open.Everything();
        var row = await _open.ReadSession(1);
        var unread = new GrainState<SessionV1>(Session(2, "42"));
        var foreign = new GrainState<SessionV1>(Session(2, "42")) { ETag = "1" };
        var moved = new GrainState<SessionV1>(Session(1, "43")) { ETag = "1" };

        await Assert.ThrowsAsync<InvalidOperationException>(
            () => _open.Storage.ClearStateAsync(SessionV1.StateName, SessionKey(Id(1)), row));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => _open.Storage.WriteStateAsync(SessionV1.StateName, SessionKey(Id(2)), unread));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => _open.Storage.WriteStateAsync(SessionV1.StateName, SessionKey(Id(1)), foreign));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => _open.Storage.WriteStateAsync(SessionV1.StateName, SessionKey(Id(1)), moved));

        Assert.Equal(before, await _open.Everything());
    }

    [Fact]
    public async Task A_missing_session_reads_as_no_record()
    {
        var row = await _open.ReadSession(1);

        Assert.False(row.RecordExists);
        Assert.Null(row.ETag);
    }

    [Fact]
    public async Task An_update_is_seen_by_a_read_that_starts_after_its_answer()
    {
        await _open.Bear("42", Session(1, "42"));
        for (var second = 1; second <= 50; second++)
        {
            var row = await _open.ReadSession(1);
            row.State = row.State with { LastUsed = Now.AddSeconds(second) };
            await _open.Storage.WriteStateAsync(SessionV1.StateName, SessionKey(Id(1)), row);

            var seen = Assert.Single(await _open.Sessions.LoadByUser(new UserId("42")));
            Assert.Equal(Now.AddSeconds(second), seen.LastUsed);
        }
    }
}
