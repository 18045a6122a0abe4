using SessionCluster.Events;
using SessionCluster.Sessions;
using SessionCluster.Storage.Tests.PostgreSql;
using SessionCluster.Storage.Tests.Sqlite;
using SessionCluster.Users;
using static SessionCluster.Storage.Tests.Rows;

namespace SessionCluster.Storage.Tests;

public sealed class SqliteEventListTests() : EventListTests(new OpenSqlite());

[OnPostgreSql]
public sealed class PostgreSqlEventListTests() : EventListTests(new OpenPostgreSql());

public abstract class EventListTests : StorageTests
{
    private static readonly EventQuery All = new([], null, null, null, false, 0, 100);

    private protected EventListTests(OpenStorage open)
        : base(open)
    {
    }

    [SuiteFact]
    public async Task An_event_is_read_as_it_was_written()
    {
        await Fill();

        Assert.Equal(
            new EventInfo(
                Id(1), "login", new UserFacts(new UserId("a"), "name-a", "a@example.com", "Full Name"), "192.0.2.1",
                new SessionId(Id(1)), Now, """{"auth_method":"password"}"""),
            await Open.Events.Find(Id(1)));
        var ofTheServer = await Open.Events.Find(Id(3));
        Assert.Null(ofTheServer!.ClientIp);
        Assert.Null(ofTheServer.Session);
        Assert.Equal("""{"ključ":"žluť 🐎"}""", ofTheServer.ContextJson);
        Assert.Null(await Open.Events.Find(Id(9)));
    }

    [SuiteTheory]
    [InlineData("all", "1 2 3 4")]
    [InlineData("login", "1 4")]
    [InlineData("logout", "2 3")]
    [InlineData("both", "1 2 3 4")]
    [InlineData("unknown action", "")]
    [InlineData("username", "3 4")]
    [InlineData("address", "1 2 4")]
    [InlineData("username and logout", "3")]
    [InlineData("search context", "3")]
    [InlineData("search action", "2 3")]
    [InlineData("search address", "1 2 4")]
    [InlineData("search words", "2")]
    [InlineData("search words, one of them nowhere", "")]
    [InlineData("search eight words", "1 4")]
    [InlineData("search nine words that do not stand together", "")]
    [InlineData("search blank", "")]
    [InlineData("search wildcard", "")]
    public async Task Filters_select_events(string filter, string expected)
    {
        await Fill();
        var query = filter switch
        {
            "all" => All with { Actions = default },
            "login" => All with { Actions = ["login"] },
            "logout" => All with { Actions = ["logout"] },
            "both" => All with { Actions = ["logout", "login", "login"] },
            "unknown action" => All with { Actions = ["x", "y"] },
            "username" => All with { Username = "name-b" },
            "address" => All with { ClientIp = "192.0.2.1" },
            "username and logout" => All with { Username = "name-b", Actions = ["logout"] },
            "search context" => All with { Search = "žluť" },
            "search action" => All with { Search = "LOGOUT" },
            "search address" => All with { Search = "192.0" },
            "search words" => All with { Search = " 192.0, LOGOUT\tname-A," },
            "search words, one of them nowhere" => All with { Search = "logout nowhere" },
            "search eight words" => All with { Search = "a n m e l o g login" },
            "search nine words that do not stand together" => All with { Search = "a n m e l o g i n" },
            "search blank" => All with { Search = ", " },
            _ => All with { Search = "a%d" },
        };

        var page = await Open.Events.Search(query);

        Assert.Equal(expected, Numbers(page));
        Assert.Equal(page.Events.Length, page.Count);
    }

    [SuiteTheory]
    [InlineData("192.0", 3, null, "2 4")]
    [InlineData("192.0", 1, "login", "4")]
    [InlineData("192.0", 2, "logout", "2")]
    [InlineData("192.0", 1, "logout", "")]
    public async Task A_search_of_the_newest_looks_at_no_more_of_what_other_filters_leave(string text, int newest, string? action, string expected)
    {
        await Fill();

        var page = await Open.Events.Search(All with { Search = text, Newest = newest, Actions = action is null ? [] : [action] });

        Assert.Equal(expected, Numbers(page));
        Assert.Equal(page.Events.Length, page.Count);
    }

    [SuiteTheory]
    [InlineData(1, null, 1)]
    [InlineData(3, null, 3)]
    [InlineData(9, null, 4)]
    [InlineData(1, "login", 1)]
    [InlineData(9, "login", 2)]
    public async Task Events_are_counted_as_far_as_is_asked_and_paged_nevertheless(int most, string? action, int counted)
    {
        await Fill();

        var page = await Open.Events.Search(All with { Actions = action is null ? [] : [action], MostCounted = most });

        Assert.Equal(counted, page.Count);
        Assert.Equal(action is null ? "1 2 3 4" : "1 4", Numbers(page));
    }

    [SuiteFact]
    public async Task Newer_events_are_read_without_a_count()
    {
        await Open.Change("a", ledger => ledger with { Events = [.. Enumerable.Range(1, 3).Select(number => At(number, "a"))] });
        await Open.Change("b", ledger => ledger with { Events = [At(4, "b"), At(5, "b")] });
        var newer = All with { Since = Now.AddSeconds(1), MostCounted = 0 };

        var two = await Open.Events.Search(newer with { Descending = true, Limit = 2 });

        Assert.Equal(("5 4", 2), (Numbers(two), two.Count));
        Assert.Equal("2 3 4 5", Numbers(await Open.Events.Search(newer)));
        Assert.Equal("2 3", Numbers(await Open.Events.Search(newer with { Username = "name-a" })));
        Assert.Equal("4 5", Numbers(await Open.Events.Search(newer with { Since = Now.AddSeconds(2), Username = "name-b", Actions = ["login"], ClientIp = "192.0.2.1" })));
        Assert.Equal("", Numbers(await Open.Events.Search(newer with { Since = Now.AddSeconds(5) })));
        Assert.Equal(4, (await Open.Events.Search(newer with { MostCounted = null, Limit = 2 })).Count);

        static EventInfo At(int number, string user) => Event(number, user, entry => entry with { Created = Now.AddSeconds(number) });
    }

    [SuiteFact]
    public async Task Events_of_one_moment_keep_the_order_in_which_they_were_committed()
    {
        await Fill();

        Assert.Equal("4 3 2 1", Numbers(await Open.Events.Search(All with { Descending = true })));
        Assert.Equal("3 2", Numbers(await Open.Events.Search(All with { Descending = true, Offset = 1, Limit = 2 })));
        Assert.Equal("3", Numbers(await Open.Events.Search(All with { Actions = ["logout"], Offset = 1, Limit = 1 })));
    }

    [SuiteFact]
    public async Task Pruning_deletes_the_oldest_before_the_moment_and_never_gives_a_number_again()
    {
        await Open.Change("a", ledger => ledger with
        {
            Events = [.. Enumerable.Range(1, 5).Select(number => Event(number, "a", entry => entry with { Created = Now.AddSeconds(number) }))],
        });

        Assert.Equal(2, await Open.Swept.PruneEvents(Now.AddSeconds(4), 2));
        Assert.Equal("3 4 5", Numbers(await Open.Events.Search(All)));
        Assert.Equal(1, await Open.Swept.PruneEvents(Now.AddSeconds(4), 100));
        Assert.Equal(0, await Open.Swept.PruneEvents(Now.AddSeconds(4), 100));
        Assert.Equal(2, await Open.Swept.PruneEvents(Now.AddDays(1), 100));
        await Open.Change("a", ledger => ledger with { Events = [Event(6, "a")] });
        Assert.Equal(6, await Open.Number("SELECT max(seq) FROM event"));
    }

    [SuiteFact]
    public async Task An_event_without_a_ledger_is_appended_once()
    {
        await Fill();
        var entry = Event(5, "", e => e with { Action = "model_created", User = e.User with { Username = "" }, Session = null, ClientIp = null });

        await Open.Events.Append(entry);
        await Open.Events.Append(entry);
        await Open.Change("a", ledger => ledger with { Events = [Event(6, "a")] });

        Assert.Equal("1 2 3 4 5 6", Numbers(await Open.Events.Search(All)));
        await Open.Settled();
        var read = await Open.Follow("0");
        Assert.Equal([1, 2, 3, 4, 5, 6], read.Events.Select(e => e.Event.Pk).Select(pk => Array.FindIndex(Enumerable.Range(0, 7).Select(Id).ToArray(), id => id == pk)));
        Assert.Equal(("", null), (read.Events[4].Event.User.Id.Value, read.Events[4].Event.Session));
    }

    /// <summary>A catalog's row has the event of its last change, also when the log has long forgotten it.</summary>
    [SuiteFact]
    public async Task An_event_that_is_older_than_what_is_kept_is_not_appended_again()
    {
        await Fill();
        var entry = Event(5, "", e => e with { Action = "model_created", User = e.User with { Username = "" }, Session = null, ClientIp = null });

        await Open.EventsAt(entry.Created.AddDays(365)).Append(entry);
        Assert.Equal("1 2 3 4", Numbers(await Open.Events.Search(All)));

        await Open.EventsAt(entry.Created.AddDays(364)).Append(entry);
        Assert.Equal("1 2 3 4 5", Numbers(await Open.Events.Search(All)));
    }

    private static string Numbers(EventPage page) => Rows.Numbers(page.Events.Select(entry => entry.Pk));

    private async Task Fill()
    {
        await Open.Change("a", ledger => ledger with
        {
            Events = [Event(1, "a"), Event(2, "a", entry => entry with { Action = "logout" })],
        });
        await Open.Change("b", ledger => ledger with
        {
            Events =
            [
                Event(3, "b", entry => entry with
                {
                    Action = "logout", ClientIp = null, Session = null, ContextJson = """{"ključ":"žluť 🐎"}""",
                }),
                Event(4, "b"),
            ],
        });
    }
}
