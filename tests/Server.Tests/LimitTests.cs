namespace SessionCluster.Server.Tests;

[Collection(nameof(LimitingServer))]
public sealed class LimitTests(LimitingServer server)
{
    private readonly ApiClient _api = server.Api;

    [Fact]
    public async Task Over_the_cap_the_oldest_session_ends()
    {
        var user = Actions.NewUser();
        var first = await _api.Login(user);
        var second = await _api.Login(user);

        var third = await _api.Login(user);

        Assert.Equal(first.Uuid, Assert.Single(third.Answer.Json!["receipt"]!["ended"]!.AsArray())!.GetValue<string>());
        await Endings.AssertEnded(_api, first, "revoked", "Session limit reached");
        Assert.Null(await _api.WhyNot(second.Token));
        Assert.Null(await _api.WhyNot(third.Token));
    }

    [Fact]
    public async Task An_idle_session_is_swept_with_one_event_and_a_used_one_lives()
    {
        var user = Actions.NewUser();
        var (idle, used) = (await _api.Login(user), await _api.Login(user));

        await Poll.Until(async () =>
        {
            Assert.Null(await _api.WhyNot(used.Token));
            return (await _api.Events(user, "logout")).Count > 0;
        });

        await Endings.AssertEnded(_api, idle, "idle", "Session idle");
        Assert.Null(await _api.WhyNot(used.Token));
    }

    [Fact]
    public async Task On_plain_http_the_cookies_have_plain_names_and_the_own_origin_may_log_out()
    {
        var login = await _api.Login(Actions.NewUser());

        Assert.StartsWith("sessioncluster_session=", login.Cookie, StringComparison.Ordinal);
        Assert.DoesNotContain("Secure", login.Answer.Json!["cookies"]![0]!["set_cookie"]!.GetValue<string>(), StringComparison.Ordinal);
        // Each process of a cluster has a public URL of its own where none is set.
        using var api = new ApiClient([server.Server.Url], _api.Key);
        var origin = server.Server.Url.GetLeftPart(UriPartial.Authority);
        (await api.Post("/api/v3/sessions/current/logout/", null, ("Cookie", login.Cookie), ("Origin", origin))).Is(204);
        Assert.Equal("revoked", await _api.WhyNot(login.Token));
    }
}
