using System.Globalization;
using SessionCluster.Bindings;
using SessionCluster.Sessions;
using SessionCluster.Users;
using static SessionCluster.Storage.Tests.OpenStorage;

namespace SessionCluster.Storage.Tests;

public sealed class SweepTests : IDisposable
{
    private const long Minute = 60_000_000;

    private readonly OpenStorage _open = new();

    public void Dispose() => _open.Dispose();

    [Theory]
    [InlineData(-1, "")]
    [InlineData(0, "1x 2i")]
    [InlineData(1, "1x 2i")]
    public async Task A_session_is_due_from_its_end_or_its_idle_moment_on(int microseconds, string expected)
    {
        await _open.Bear(
            "a",
            Session(1, "a", row => row with { Expires = Now.AddMinutes(1) }),
            Session(2, "a", row => row with { IdleMicros = Minute }),
            Session(3, "a"),
            Session(4, "a", row => row with { IdleMicros = long.MaxValue }));

        var due = await _open.Sessions.Due(Now.AddMinutes(1).AddMicroseconds(microseconds), 100);

        Assert.Equal(expected, string.Join(' ', due.Select(Text).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task The_longest_overdue_come_first_and_one_that_is_idle_and_expired_comes_once_as_expired()
    {
        await _open.Bear(
            "a",
            Session(1, "a", row => row with { Expires = Now.AddMinutes(5) }),
            Session(2, "a", row => row with { IdleMicros = 3 * Minute }),
            Session(3, "a", row => row with { Expires = Now.AddMinutes(2), IdleMicros = Minute }),
            Session(4, "a", row => row with { IdleMicros = 4 * Minute }));

        Assert.Equal("3x 2i 4i 1x", string.Join(' ', (await _open.Sessions.Due(Now.AddHours(1), 100)).Select(Text)));
        Assert.Equal("3x 2i", string.Join(' ', (await _open.Sessions.Due(Now.AddHours(1), 2)).Select(Text)));
    }

    [Fact]
    public async Task A_use_moves_the_idle_moment()
    {
        await _open.Bear("a", Session(1, "a", row => row with { IdleMicros = Minute }));
        var row = await _open.ReadSession(1);
        row.State = row.State with { LastUsed = Now.AddSeconds(30) };
        await _open.Storage.WriteStateAsync(SessionV1.StateName, SessionKey(Id(1)), row);

        Assert.Empty(await _open.Sessions.Due(Now.AddMinutes(1), 10));
        Assert.Single(await _open.Sessions.Due(Now.AddSeconds(90), 10));
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    public async Task An_ending_is_found_when_it_was_after_the_moment(int microseconds, bool found)
    {
        await _open.Bear("a", Session(1, "a"));
        var broken = new BindingBreak("network.asn", "1", "2", "192.0.2.1", "198.51.100.1", null, null);
        await _open.Change("a", ledger => ledger with { Dead = [Ended(1, 2, EndReason.BindingBroken) with { Binding = broken }] });

        var ended = await _open.Sessions.FindEnded(new SessionId(Id(1)), Now.AddMicroseconds(microseconds));

        Assert.Equal(found ? new EndedSession(new SessionId(Id(1)), new UserId("a"), EndReason.BindingBroken, broken) : null, ended);
    }

    [Fact]
    public async Task The_endings_of_a_revision_are_those_of_its_user()
    {
        await _open.Bear("a", Session(1, "a"), Session(2, "a"), Session(3, "a"));
        await _open.Bear("b", Session(4, "b"));
        await _open.Change("a", ledger => ledger with { Dead = [Ended(3, 2), Ended(1, 2)] });
        await _open.Change("a", ledger => ledger with { Dead = [Ended(2, 3)] });
        await _open.Change("b", ledger => ledger with { Dead = [Ended(4, 2)] });

        var ended = await _open.Sessions.EndedByRevision(new UserId("a"), 2);

        // By id, as the ledger lists them in its first answer.
        Assert.Equal([new SessionId(Id(1)), new SessionId(Id(3))], ended.ToArray());
        Assert.Empty(await _open.Sessions.EndedByRevision(new UserId("a"), 1));
    }

    [Fact]
    public async Task Pruning_forgets_the_oldest_endings_before_the_moment()
    {
        await _open.Change("a", ledger => ledger with
        {
            Dead = [.. Enumerable.Range(1, 5).Select(number => Ended(number, 1) with { EndedAt = Now.AddSeconds(number) })],
        });

        Assert.Equal(2, await _open.Sessions.PruneEnded(Now.AddSeconds(4), 2));
        Assert.Equal(1, await _open.Sessions.PruneEnded(Now.AddSeconds(4), 2));
        Assert.Equal(0, await _open.Sessions.PruneEnded(Now.AddSeconds(4), 2));
        Assert.Equal([new SessionId(Id(4)), new SessionId(Id(5))], (await _open.Sessions.EndedByRevision(new UserId("a"), 1)).ToArray());
    }

    private static string Text(DueSession due) =>
        int.Parse(due.Session.ToString()[24..], CultureInfo.InvariantCulture) + (due.Expired ? "x" : "i");
}
