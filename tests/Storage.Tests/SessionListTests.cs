using SessionCluster.Sessions;
using SessionCluster.Silo.Storage;
using SessionCluster.Storage.Tests.PostgreSql;
using SessionCluster.Storage.Tests.Sqlite;
using SessionCluster.Users;
using static SessionCluster.Storage.Tests.Rows;

namespace SessionCluster.Storage.Tests;

public sealed class SqliteSessionListTests() : SessionListTests(new OpenSqlite());

[OnPostgreSql]
public sealed class PostgreSqlSessionListTests() : SessionListTests(new OpenPostgreSql());

public abstract class SessionListTests : StorageTests
{
    private static readonly SessionQuery All = new(SessionOrder.Id, Descending: false, 0, 100);

    private protected SessionListTests(OpenStorage open)
        : base(open)
    {
    }

    [SuiteTheory]
    [InlineData("user", "1 2")]
    [InlineData("username", "3")]
    [InlineData("address", "1 4")]
    [InlineData("agent", "2 3")]
    [InlineData("asn", "1 3")]
    [InlineData("country", "3 4")]
    [InlineData("user and asn", "1")]
    [InlineData("agent and country", "3")]
    [InlineData("unknown user", "")]
    [InlineData("nothing", "1 2 3 4")]
    public async Task Filters_select_the_rows_that_are_equal_and_live(string filter, string expected)
    {
        await Fill();
        var query = filter switch
        {
            "user" => All with { User = new UserId("a") },
            "username" => All with { Username = "Čestmír" },
            "address" => All with { LastIp = "2001:db8::1" },
            "agent" => All with { LastUserAgent = "Firefox/1" },
            "asn" => All with { Asn = 64500 },
            "country" => All with { Country = "CZ" },
            "user and asn" => All with { User = new UserId("a"), Asn = 64500 },
            "agent and country" => All with { LastUserAgent = "Firefox/1", Country = "CZ" },
            "unknown user" => All with { User = new UserId("A") },
            _ => All,
        };

        var page = await Open.Lists.Search(query, Now);

        Assert.Equal(expected, Numbers(page));
        Assert.Equal(page.Sessions.Length, page.Count);
    }

    [SuiteTheory]
    [InlineData("FIREFOX", "2 3")]
    [InlineData("estm", "3")]
    [InlineData("Čestmír", "3")]
    [InlineData("db8::", "1 4")]
    [InlineData("100%", "4")]
    [InlineData("db8:: AGENT, a", "1 4")]
    [InlineData("100% firefox", "")]
    [InlineData("%", "4")]
    [InlineData("_", "1")]
    [InlineData("\\", "2")]
    [InlineData("'", "")]
    [InlineData("", "1 2 3 4")]
    public async Task Search_finds_what_contains_the_text_itself_ignoring_ascii_case(string text, string expected)
    {
        await Fill();

        var page = await Open.Lists.Search(All with { Search = text }, Now);

        Assert.Equal(expected, Numbers(page));
    }

    [SuiteTheory]
    [InlineData("a", null, "1 2 4")]
    [InlineData("a", "CZ", "4")]
    [InlineData("ja_", null, "1")]
    [InlineData("JA_", null, "")]
    [InlineData("b", null, "3 4")]
    [InlineData("Č", null, "3")]
    [InlineData("2001:db8", null, "1 4")]
    [InlineData("1", null, "2 3")]
    [InlineData("%", null, "")]
    [InlineData("'", null, "")]
    [InlineData("", null, "1 2 3 4")]
    public async Task A_beginning_finds_names_keys_and_addresses(string text, string? country, string expected)
    {
        await Fill();

        var page = await Open.Lists.Search(All with { Begins = text, Country = country }, Now);

        Assert.Equal(expected, Numbers(page));
        Assert.Equal(page.Sessions.Length, page.Count);
    }

    [SuiteFact]
    public async Task A_search_of_any_length_is_answered()
    {
        await Fill();

        Assert.Equal(0, (await Open.Lists.Search(All with { Search = new string('%', 100_000) }, Now)).Count);
        // It is cut within a character.
        Assert.Equal(0, (await Open.Lists.Search(All with { Search = "x" + string.Concat(Enumerable.Repeat("🐎", 5_000)) }, Now)).Count);
    }

    [SuiteTheory]
    [InlineData(SessionOrder.Id, "1 2 3 4")]
    [InlineData(SessionOrder.Created, "4 3 1 2")]
    [InlineData(SessionOrder.Expires, "2 1 4 3")]
    [InlineData(SessionOrder.LastUsed, "3 4 2 1")]
    [InlineData(SessionOrder.LastIp, "2 3 1 4")]
    [InlineData(SessionOrder.LastUserAgent, "4 2 3 1")]
    [InlineData(SessionOrder.Username, "4 2 1 3")]
    public async Task Orders_break_ties_by_id_and_reverse_as_a_whole(SessionOrder order, string expected)
    {
        await Fill();

        Assert.Equal(expected, Numbers(await Open.Lists.Search(All with { Order = order }, Now)));
        Assert.Equal(
            string.Join(' ', expected.Split(' ').Reverse()),
            Numbers(await Open.Lists.Search(All with { Order = order, Descending = true }, Now)));
    }

    [SuiteTheory]
    [InlineData(SessionOrder.LastIp)]
    [InlineData(SessionOrder.LastUserAgent)]
    [InlineData(SessionOrder.Username)]
    public async Task Sessions_alike_in_a_text_stand_in_the_order_of_their_end(SessionOrder order)
    {
        await Open.Create("a", [.. new[] { (1, 3), (2, 1), (3, 1), (4, 2) }.Select(row => Session(row.Item1, "a", session => session with
        {
            Expires = Now.AddHours(row.Item2),
        }))]);

        Assert.Equal("2 3 4 1", Numbers(await Open.Lists.Search(All with { Order = order }, Now)));
        Assert.Equal("1 4 3 2", Numbers(await Open.Lists.Search(All with { Order = order, Descending = true }, Now)));
    }

    [SuiteTheory]
    [InlineData(0, 2, "1 2")]
    [InlineData(2, 2, "3 4")]
    [InlineData(3, 2, "4")]
    [InlineData(4, 2, "")]
    [InlineData(-1, 0, "1")]
    public async Task A_page_is_a_part_and_the_count_is_of_all(int offset, int limit, string expected)
    {
        await Fill();

        var page = await Open.Lists.Search(All with { Offset = offset, Limit = limit }, Now);

        Assert.Equal(expected, Numbers(page));
        Assert.Equal(4, page.Count);
    }

    [SuiteTheory]
    [InlineData(-1, "1 2")]
    [InlineData(0, "2")]
    [InlineData(1, "2")]
    public async Task A_session_is_live_while_now_is_before_its_end(int microseconds, string expected)
    {
        var end = Now.AddMinutes(1);
        await Open.Create("a", Session(1, "a", row => row with { Expires = end }), Session(2, "a"));
        var now = end.AddMicroseconds(microseconds);

        var page = await Open.Lists.Search(All, now);

        Assert.Equal(expected, Numbers(page));
        Assert.Equal(page.Sessions.Length, page.Count);
        Assert.Equal(expected, Numbers(await Open.Lists.Search(All with { User = new UserId("a") }, now)));
        Assert.Equal(expected, Numbers(await Open.Lists.Search(All with { Search = "AGENT" }, now)));
        Assert.Equal(microseconds < 0, await Open.Lists.Find(new SessionId(Id(1)), now) is not null);
        Assert.Equal(2, (await Open.Live("a")).Length);
    }

    [SuiteFact]
    public async Task Every_page_of_every_plan_together_makes_the_whole()
    {
        const int Rows = 3_000;
        await Open.Create("a", [.. Enumerable.Range(1, Rows).Select(number => Session(number, "a", row => At(row, null, number % 10 == 0 ? "DE" : "CZ") with
        {
            Created = Now.AddSeconds((number * 7919) % 500), Expires = number % 100 == 0 ? Now : row.Expires,
        }))]);
        foreach (var query in (SessionQuery[])[All, All with { Country = "CZ" }, All with { Country = "DE" }, All with { Search = "AGE" }])
        {
            foreach (var order in (SessionOrder[])[SessionOrder.Id, SessionOrder.Created, SessionOrder.LastIp])
            {
                var seen = new List<SessionInfo>();
                int count;
                do
                {
                    var page = await Open.Lists.Search(query with { Order = order, Offset = seen.Count }, Now);
                    seen.AddRange(page.Sessions);
                    count = page.Count;
                }
                while (seen.Count < count);

                Assert.Equal(count, seen.DistinctBy(session => session.Id).Count());
                Assert.All(seen, session => Assert.True(session.Expires > Now && (query.Country ?? session.Geo!.Country) == session.Geo!.Country));
                Assert.Equal(query.Country switch { "CZ" => 2_700, "DE" => 270, _ => 2_970 }, count);
                var sorted = order == SessionOrder.Created
                    ? seen.OrderBy(session => session.Created).ThenBy(session => session.Id.ToString(), StringComparer.Ordinal)
                    : seen.OrderBy(session => session.Id.ToString(), StringComparer.Ordinal);
                Assert.Equal(sorted.Select(session => session.Id), seen.Select(session => session.Id));
            }
        }
    }

    private static string Numbers(SessionPage page) => Rows.Numbers(page.Sessions.Select(session => session.Id.Value));

    private async Task Fill()
    {
        await Open.Create(
            "a",
            At(Session(1, "a", row => row with
            {
                Username = "ja_ne", LastIp = "2001:db8::1", Created = Now.AddSeconds(-1), LastUsed = Now.AddSeconds(9), Expires = Now.AddHours(2),
            }), 64500, "DE"),
            Session(2, "a", row => row with
            {
                Username = "c\\d", LastUserAgent = "Firefox/1", Created = Now, LastUsed = Now.AddSeconds(8), Expires = Now.AddHours(1),
            }));
        await Open.Create(
            "b",
            At(Session(3, "b", row => row with
            {
                Username = "Čestmír", LastUserAgent = "Firefox/1", Created = Now.AddSeconds(-1), LastUsed = Now, Expires = Now.AddHours(3),
            }), 64500, "CZ") with { Created = Now.AddSeconds(-2) },
            At(Session(4, "b", row => row with
            {
                Username = "a 100%", LastIp = "2001:db8::1", LastUserAgent = "Agent", Created = Now.AddSeconds(-3), LastUsed = Now.AddSeconds(1), Expires = Now.AddHours(2),
            }), 64501, "CZ"),
            Session(5, "b", row => row with { Expires = Now, LastUserAgent = "Firefox/1" }));
    }
}
