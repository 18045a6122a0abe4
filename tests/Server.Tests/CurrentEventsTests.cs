namespace SessionCluster.Server.Tests;

/// <summary>The stream by which an open tab hears that its own session has ended, on the real server.</summary>
[Collection(nameof(PlainServer))]
public sealed class CurrentEventsTests(PlainServer server)
{
    private readonly ApiClient _api = server.Api;

    [Theory]
    [InlineData("logout", "revoked")]
    [InlineData("revoke all", "revoked")]
    [InlineData("delete", "revoked")]
    [InlineData("deactivate", "user_inactive")]
    public async Task An_open_tab_hears_of_the_ending_when_no_check_accepts_the_session_any_more(string ending, string reason)
    {
        var login = await _api.Login(Actions.NewUser());
        using var tab = (await StreamReading.TryOpenOwn(server.Server.Url, login.Token))!;
        Assert.Equal(": waiting", await tab.NextLine());

        (await (ending switch
        {
            "logout" => _api.Post("/api/v3/sessions/revoke/", $$"""{"token": "{{login.Token}}"}"""),
            "revoke all" => _api.Post($"/api/v3/users/{login.User}/sessions/revoke/", "{}"),
            "delete" => _api.Delete($"/api/v3/core/authenticated_sessions/{login.Uuid}/"),
            _ => _api.Post($"/api/v3/users/{login.User}/deactivate/"),
        })).Is(ending == "delete" ? 204 : 200);

        string? line;
        do
        {
            line = await tab.NextLine();
        }
        while (line is [':', ..]);
        Assert.Equal("event: ended", line);
        Assert.Equal(reason, await _api.WhyNot(login.Token));
        Assert.Equal($$"""data: {"reason":"{{reason}}"}""", await tab.NextLine());
        Assert.Null(await tab.NextLine());
    }

    [Fact]
    public async Task A_page_of_another_session_than_the_browsers_is_refused_and_ones_own_may_be_named()
    {
        var (own, other) = (await _api.Login(Actions.NewUser()), await _api.Login(Actions.NewUser()));

        Assert.Null(await StreamReading.TryOpenOwn(server.Server.Url, own.Token, other.Uuid));
        Assert.Null(await StreamReading.TryOpenOwn(server.Server.Url, own.Token, "nonsense"));
        foreach (var named in (string[])[own.Uuid, own.Uuid.ToUpperInvariant(), own.Uuid.Replace("-", "", StringComparison.Ordinal), ""])
        {
            using var tab = (await StreamReading.TryOpenOwn(server.Server.Url, own.Token, named))!;
            Assert.Equal(": waiting", await tab.NextLine());
        }
    }

    [Fact]
    public async Task A_tab_of_a_session_that_lives_on_hears_nothing_of_the_endings_of_others()
    {
        var user = Actions.NewUser();
        var (kept, ended) = (await _api.Login(user), await _api.Login(user));
        using var tab = (await StreamReading.TryOpenOwn(server.Server.Url, kept.Token))!;
        Assert.Equal(": waiting", await tab.NextLine());
        var next = tab.NextLine();

        (await _api.Post("/api/v3/sessions/revoke/", $$"""{"token": "{{ended.Token}}"}""")).Is(200);
        await Task.Delay(TimeSpan.FromSeconds(2));

        Assert.False(next.IsCompleted);
        Assert.Null(await _api.WhyNot(kept.Token));
    }
}
