namespace SessionCluster.Server.Tests;

[Collection(nameof(PlainServer))]
public sealed class SessionListTests(PlainServer server)
{
    private const string Root = "/api/v3/core/authenticated_sessions/";

    private readonly ApiClient _api = server.Api;

    [Fact]
    public async Task An_owner_sees_their_own_sessions_and_which_is_current()
    {
        var user = Actions.NewUser();
        var (mine, other, stranger) = (await _api.Login(user), await _api.Login(user), await _api.Login(Actions.NewUser()));

        var list = (await _api.Get(Root, Own(mine))).Is(200);

        var rows = list.At("results")!.AsArray();
        Assert.Equal(new[] { mine.Uuid, other.Uuid }.Order(), rows.Select(Uuid).Order());
        Assert.Equal(mine.Uuid, Uuid(Assert.Single(rows, row => row!["current"]!.GetValue<bool>())));
        Assert.All(rows, row => Assert.False(row!.AsObject().ContainsKey("data")));
        Assert.Equal("{}", list.At("autocomplete")!.ToJsonString());
        Assert.Empty((await _api.Get($"{Root}?user={stranger.User}", Own(mine))).Is(200).At("results")!.AsArray());
        (await _api.Get($"{Root}{other.Uuid}/", Own(mine))).Is(200);
        Assert.Equal("[]", (await _api.Get($"{Root}{mine.Uuid}/used_by/", Own(mine))).Is(200).Text);
    }

    [Fact]
    public async Task A_service_sees_all_with_data_and_none_as_current()
    {
        var login = await _api.Login(Actions.NewUser(), more: """, "data": {"x": 1}""");

        var one = (await _api.Get($"{Root}{login.Uuid}/")).Is(200);

        Assert.Equal("{\"x\":1}", one.At("data")!.ToJsonString());
        Assert.False(one.At("current")!.GetValue<bool>());
        Assert.True(JsonNode.DeepEquals(one.Json, Assert.Single(await _api.Sessions($"user={login.User}"))));
    }

    [Theory]
    [InlineData("user__username=name-{0}", 3)]
    [InlineData("user={0}", 3)]
    [InlineData("user={0}&session__last_ip=100.64.0.1", 1)]
    [InlineData("user={0}&session__last_ip=::ffff:100.64.0.1", 1)]
    [InlineData("user={0}&session__last_ip=100.64.0", 0)]
    [InlineData("user={0}&asn=64502", 1)]
    [InlineData("user={0}&asn=1", 0)]
    [InlineData("user={0}&country=JP", 1)]
    [InlineData("user={0}&country=DE", 1)]
    [InlineData("search={0}", 3)]
    [InlineData("search=name-{0}&country=JP", 1)]
    [InlineData("user={0}&search=%25", 0)]
    [InlineData("user={0}&session__last_user_agent=nothing", 0)]
    public async Task Sessions_are_filtered(string query, int count)
    {
        var user = Actions.NewUser();
        await _api.Login(user);
        await _api.Login(user, ip: Places.Tokyo);
        await _api.Login(user, ip: Places.Nowhere);

        Assert.Equal(count, (await _api.Sessions(string.Format(System.Globalization.CultureInfo.InvariantCulture, query, user))).Count);
    }

    [Fact]
    public async Task Sessions_are_paged_and_ordered()
    {
        var user = Actions.NewUser();
        var logins = new List<Login>();
        for (var i = 0; i < 5; i++)
        {
            logins.Add(await _api.Login(user));
        }

        var second = (await _api.Get($"{Root}?user={user}&ordering=created&page=2&page_size=2")).Is(200);
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""{"next": 3, "previous": 1, "count": 5, "current": 2, "total_pages": 3, "start_index": 3, "end_index": 4}"""),
            second.At("pagination")), second.Text);
        Assert.Equal([logins[2].Uuid, logins[3].Uuid], second.At("results")!.AsArray().Select(Uuid));

        var last = (await _api.Get($"{Root}?user={user}&ordering=-created&page=3&page_size=2")).Is(200);
        Assert.Equal(0, last.At("pagination.next")!.GetValue<int>());
        Assert.Equal([logins[0].Uuid], last.At("results")!.AsArray().Select(Uuid));
        (await _api.Get($"{Root}?user={user}&page=4&page_size=2")).Is(404);
        Assert.Equal(1, (await _api.Get($"{Root}?user={user}&page_size=1000")).Is(200).At("pagination.total_pages")!.GetValue<int>());
        Assert.Equal(400, (await _api.Get($"{Root}?ordering=token")).Status);
    }

    [Fact]
    public async Task Data_is_replaced_and_returned_by_the_next_check_and_refused_for_an_ended_session()
    {
        var login = await _api.Login(Actions.NewUser(), more: """, "data": 1""");

        (await _api.Put("/api/v3/sessions/data/", $$"""{"token": "{{login.Token}}", "data": {"cart": ["ä", 1.50]} }""")).Is(200);
        Assert.Equal("ä", (await _api.Validate(login.Token)).At("data")!["cart"]![0]!.GetValue<string>());

        (await _api.Delete($"{Root}{login.Uuid}/")).Is(204);
        Assert.Equal("session-ended", (await _api.Put("/api/v3/sessions/data/", $$"""{"token": "{{login.Token}}", "data": 2}""")).Is(409).Problem);
    }

    [Fact]
    public async Task A_user_is_described_with_counts()
    {
        var user = Actions.NewUser();
        await _api.Login(user);
        await _api.Login(user, ip: Places.Tokyo);

        var described = (await _api.Get($"/api/v3/users/{user}/")).Is(200);

        Assert.Equal(user, described.StringAt("pk"));
        Assert.True(described.At("active")!.GetValue<bool>());
        Assert.Equal(2, described.At("sessions")!.GetValue<int>());
        Assert.Equal(2, described.At("devices")!.GetValue<int>());
    }

    private static (string Name, string Value)[] Own(Login login) =>
        [("Authorization", $"Session {login.Token}"), ("X-Forwarded-For", Places.Berlin)];

    private static string Uuid(JsonNode? row) => row!["uuid"]!.GetValue<string>();
}
