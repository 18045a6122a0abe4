using SessionCluster.Silo.Storage;
using SessionCluster.Storage.Tests.PostgreSql;
using SessionCluster.Storage.Tests.Sqlite;
using SessionCluster.Users;
using static SessionCluster.Storage.Tests.Rows;

namespace SessionCluster.Storage.Tests;

public sealed class SqliteUserListTests() : UserListTests(new OpenSqlite());

[OnPostgreSql]
public sealed class PostgreSqlUserListTests() : UserListTests(new OpenPostgreSql());

/// <summary>Users by the beginning of their name or key, page by page.</summary>
public abstract class UserListTests : StorageTests
{
    private protected UserListTests(OpenStorage open)
        : base(open)
    {
    }

    [SuiteTheory]
    [InlineData(UserOrder.Name, "", "a b ba c2")]
    [InlineData(UserOrder.Name, "name-b", "b ba")]
    [InlineData(UserOrder.Name, "name-ba", "ba")]
    [InlineData(UserOrder.Name, "NAME-B", "")]
    [InlineData(UserOrder.Name, "%", "")]
    [InlineData(UserOrder.Key, "", "a b ba c1 c2 off")]
    [InlineData(UserOrder.Key, "b", "b ba")]
    [InlineData(UserOrder.Key, "c", "c1 c2")]
    [InlineData(UserOrder.Key, "x", "")]
    public async Task A_prefix_finds_names_or_keys_and_every_page_goes_on_behind_the_last(UserOrder order, string prefix, string expected)
    {
        await Fill();

        var whole = await Open.Lists.Users(new UserQuery(order, prefix, null, 100), Now);
        var (found, after) = (new List<ListedUser>(), (string?)null);
        UserPage page;
        do
        {
            page = await Open.Lists.Users(new UserQuery(order, prefix, after, 1), Now);
            found.AddRange(page.Users);
            after = found.LastOrDefault() is { } last ? (order == UserOrder.Key ? last.User.Id.Value : last.User.Username) : null;
        }
        while (page.HasMore);

        Assert.Equal(expected, string.Join(' ', whole.Users.Select(user => user.User.Id.Value)));
        Assert.False(whole.HasMore);
        Assert.Equal(whole.Users, found);
    }

    [SuiteFact]
    public async Task A_user_is_listed_with_what_is_known_of_it()
    {
        await Fill();

        var byName = await Open.Lists.Users(new UserQuery(UserOrder.Name, "name-a", null, 10), Now);
        var byKey = await Open.Lists.Users(new UserQuery(UserOrder.Key, "", null, 10), Now);

        Assert.Equal(new ListedUser(new UserFacts(new UserId("a"), "name-a", "a@example.com", "Full Name"), true, 2, Now), Assert.Single(byName.Users));
        Assert.Equal(new ListedUser(new UserFacts(new UserId("a"), "name-a", "a@example.com", ""), true, 2, Now), byKey.Users[0]);
        Assert.Equal(new ListedUser(new UserFacts(new UserId("off"), "", "", ""), false, 0, null), byKey.Users[^1]);
    }

    // "a" has two live sessions and one that is over; "c1" had the name of "c2" before.
    private async Task Fill()
    {
        await Open.Change("a", ledger => ledger with
        {
            Created = [Session(1, "a"), Session(2, "a"), Session(3, "a", session => session with { Expires = Now.AddSeconds(-1) })], Events = [Event(1, "a")],
        });
        await Open.Change("b", Login(4, "b"));
        await Open.Change("ba", Login(5, "ba"));
        await Open.Change("c1", ledger => ledger with { Events = [Event(6, "c1", entry => entry with { User = entry.User with { Username = "name-c" }, Created = Now.AddDays(-1) })] });
        await Open.Change("c2", ledger => ledger with { Events = [Event(7, "c2", entry => entry with { User = entry.User with { Username = "name-c" } })] });
        await Open.Change("off", ledger => ledger with { Inactive = true });
        // Of a stage, and of nobody.
        await Open.Events.Append(Event(8, "", entry => entry with { User = entry.User with { Username = "" }, Action = "model_created" }));
    }
}
