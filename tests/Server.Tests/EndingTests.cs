namespace SessionCluster.Server.Tests;

/// <summary>Each kind of ending: what a check says afterwards, and its one event.</summary>
[Collection(nameof(PlainServer))]
public sealed class EndingTests(PlainServer server)
{
    private const string Current = "/api/v3/sessions/current/";

    private readonly ApiClient _api = server.Api;

    [Fact]
    public async Task A_logout_by_token()
    {
        var login = await _api.Login(Actions.NewUser());

        var receipt = (await _api.Post("/api/v3/sessions/revoke/", Revoke(login))).Is(200);

        Assert.Equal([login.Uuid], receipt.Json!["ended"]!.AsArray().Select(e => e!.GetValue<string>()));
        Assert.True(receipt.At("revision")!.GetValue<long>() > 1);
        Assert.True(string.CompareOrdinal(receipt.StringAt("committed_at"), receipt.StringAt("effective_everywhere_at")) <= 0);
        await AssertEnded(login, "revoked", "Logged out");
        Assert.Empty((await _api.Post("/api/v3/sessions/revoke/", Revoke(login))).Is(200).Json!["ended"]!.AsArray());
        await AssertEnded(login, "revoked", "Logged out");
    }

    [Fact]
    public async Task A_logout_with_the_callers_own_words()
    {
        var login = await _api.Login(Actions.NewUser());

        (await _api.Post("/api/v3/sessions/revoke/", $$"""{"token": "{{login.Token}}", "reason": "Password changed"}""")).Is(200);

        await AssertEnded(login, "revoked", "Password changed");
    }

    [Fact]
    public async Task A_deletion_under_a_key_is_answered_alike_again_and_done_once()
    {
        var login = await _api.Login(Actions.NewUser());
        var (path, key) = ($"/api/v3/core/authenticated_sessions/{login.Uuid}/", ("Idempotency-Key", login.Uuid));

        (await _api.Delete(path, key)).Is(204);
        (await _api.Delete(path, key)).Is(204);

        await AssertEnded(login, "revoked", "Revoked by administrator");
        (await _api.Delete(path, ("Idempotency-Key", "another"))).Is(404);
        // A DELETE has no body: its query says what is asked for.
        Assert.Equal("idempotency-key-reused", (await _api.Delete(path + "?x=1", key)).Is(422).Problem);
        await AssertEnded(login, "revoked", "Revoked by administrator");
    }

    [Fact]
    public async Task A_key_that_was_used_with_another_body_ends_nothing()
    {
        var login = await _api.Login(Actions.NewUser());
        var (byToken, ofUser) = ("/api/v3/sessions/revoke/", $"/api/v3/users/{login.User}/sessions/revoke/");
        (await _api.Post(byToken, Revoke(login), ("Idempotency-Key", "k"))).Is(200);
        (await _api.Post(ofUser, """{"reason": "one"}""", ("Idempotency-Key", "k"))).Is(200);
        var later = await _api.Login(login.User);

        foreach (var (path, body) in new[] { (byToken, $$"""{"token": "{{login.Token}}", "reason": "two"}"""), (ofUser, """{"reason": "two"}""") })
        {
            Assert.Equal("idempotency-key-reused", (await _api.Post(path, body, ("Idempotency-Key", "k"))).Is(422).Problem);
        }

        Assert.Null(await _api.WhyNot(later.Token));
    }

    [Fact]
    public async Task A_logout_of_the_browser_clears_its_cookie()
    {
        var login = await _api.Login(Actions.NewUser());

        Assert.Equal("csrf", (await _api.Post($"{Current}logout/", null, ("Cookie", login.Cookie))).Is(403).Problem);
        Assert.Equal("csrf", (await _api.Post($"{Current}logout/", null, ("Cookie", login.Cookie), ("Origin", "https://evil.test"))).Is(403).Problem);
        Assert.Equal(
            "csrf",
            (await _api.Post($"{Current}logout/", null, ("Cookie", login.Cookie), ("Sec-Fetch-Site", "same-site"), ("Origin", PlainServer.PublicUrl))).Is(403).Problem);
        Assert.Null(await _api.WhyNot(login.Token));
        var answer = await _api.Post(
            $"{Current}logout/?from=menu", null, ("Cookie", login.Cookie), ("Origin", PlainServer.PublicUrl), ("X-Forwarded-For", Places.Hamburg));

        answer.Is(204);
        Assert.StartsWith("__Host-sessioncluster_session=; Path=/; Max-Age=0", answer.Headers.GetValues("Set-Cookie").Single(), StringComparison.Ordinal);
        await AssertEnded(login, "revoked", "Logged out");
        var entry = await _api.LogoutEvent(login);
        Assert.Equal(Places.Hamburg, entry["client_ip"]!.GetValue<string>());
        Assert.Equal("Hamburg", entry["context"]!["geo"]!["city"]!.GetValue<string>());
        Assert.Equal("POST", entry["context"]!["http_request"]!["method"]!.GetValue<string>());
        Assert.Equal("menu", entry["context"]!["http_request"]!["args"]!["from"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_revocation_by_the_owner_spares_the_session_that_asks()
    {
        var user = Actions.NewUser();
        var (mine, other) = (await _api.Login(user), await _api.Login(user));

        var receipt = await _api.Post(
            $"/api/v3/users/{user}/sessions/revoke/", $$"""{"except": "{{mine.Uuid}}"}""", ("Cookie", mine.Cookie), ("Sec-Fetch-Site", "same-origin"), ("X-Forwarded-For", Places.Berlin));

        Assert.Equal(other.Uuid, Assert.Single(receipt.Is(200).Json!["ended"]!.AsArray())!.GetValue<string>());
        Assert.Null(await _api.WhyNot(mine.Token));
        await AssertEnded(other, "revoked", "Revoked by owner");
    }

    [Fact]
    public async Task A_session_speaks_for_its_own_user_only()
    {
        var (mine, other) = (await _api.Login(Actions.NewUser()), await _api.Login(Actions.NewUser()));

        (await _api.Post($"/api/v3/users/{other.User}/sessions/revoke/", null, Own(mine))).Is(403);
        (await _api.Delete($"/api/v3/core/authenticated_sessions/{other.Uuid}/", Own(mine))).Is(404);
        (await _api.Get($"/api/v3/core/authenticated_sessions/{other.Uuid}/", Own(mine))).Is(404);
        (await _api.Get($"/api/v3/users/{other.User}/devices/", Own(mine))).Is(403);
        (await _api.Post($"/api/v3/users/{mine.User}/deactivate/", null, Own(mine))).Is(403);

        Assert.Null(await _api.WhyNot(other.Token));
        Assert.Null(await _api.WhyNot(mine.Token));
    }

    [Fact]
    public async Task One_session_is_deleted_by_its_owner_or_by_an_administrator()
    {
        var user = Actions.NewUser();
        var (first, second) = (await _api.Login(user), await _api.Login(user));

        (await _api.Delete($"/api/v3/core/authenticated_sessions/{second.Uuid}/", Own(first))).Is(204);
        (await _api.Delete($"/api/v3/core/authenticated_sessions/{second.Uuid}/")).Is(404);
        (await _api.Delete($"/api/v3/core/authenticated_sessions/{first.Uuid}/")).Is(204);

        await AssertEnded(second, "revoked", "Revoked by owner");
        await AssertEnded(first, "revoked", "Revoked by administrator");
    }

    [Fact]
    public async Task All_sessions_of_many_users_end_in_one_call()
    {
        var logins = new List<Login>();
        foreach (var user in (string[])[Actions.NewUser(), Actions.NewUser("a b/c"), Actions.NewUser()])
        {
            logins.AddRange([await _api.Login(user), await _api.Login(user)]);
        }

        var query = string.Join('&', logins.Take(4).Select(login => $"user_pks={Uri.EscapeDataString(login.User)}"));
        var answer = (await _api.Delete($"/api/v3/core/authenticated_sessions/bulk_delete/?{query}")).Is(200);

        Assert.Equal(4, answer.At("deleted")!.GetValue<int>());
        foreach (var login in logins.Take(4))
        {
            await AssertEnded(login, "revoked", "Revoked by administrator");
        }

        Assert.Null(await _api.WhyNot(logins[4].Token));
        Assert.Equal(0, (await _api.Delete($"/api/v3/core/authenticated_sessions/bulk_delete/?{query}")).Is(200).At("deleted")!.GetValue<int>());
    }

    [Fact]
    public async Task A_login_that_terminates_the_others_ends_all_of_them_and_says_so()
    {
        var user = Actions.NewUser();
        var stage = await _api.Stage("\"terminate_other_sessions\": true");
        var before = new[] { await _api.Login(user), await _api.Login(user) };
        var stranger = await _api.Login(Actions.NewUser());

        var login = await _api.Login(user, stage);

        var ended = login.Answer.Json!["receipt"]!["ended"]!.AsArray().Select(e => e!.GetValue<string>());
        Assert.Equal(before.Select(b => b.Uuid).Order(), ended.Order());
        foreach (var other in before)
        {
            await AssertEnded(other, "revoked", "Terminated by another login");
        }

        Assert.Null(await _api.WhyNot(login.Token));
        Assert.Null(await _api.WhyNot(stranger.Token));
    }

    [Fact]
    public async Task Of_racing_logins_that_terminate_the_others_exactly_one_survives()
    {
        var user = Actions.NewUser();
        var stage = await _api.Stage("\"terminate_other_sessions\": true");

        var logins = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => _api.Login(user, stage)));

        var reasons = new List<string?>();
        foreach (var login in logins)
        {
            reasons.Add(await _api.WhyNot(login.Token));
        }

        Assert.Single(reasons, reason => reason is null);
        Assert.Equal(9, reasons.Count(reason => reason == "revoked"));
        Assert.Equal(9, (await _api.Events(user, "logout")).Count);
    }

    [Fact]
    public async Task A_new_login_in_the_same_browser_replaces_its_session_also_another_users()
    {
        var (first, second) = (Actions.NewUser(), Actions.NewUser());

        var one = await _api.Login(first);
        var two = await _api.Login(first, client: $", \"session_token\": \"{one.Token}\"");
        var three = await _api.Login(second, client: $", \"session_token\": \"{two.Token}\"");

        await AssertEnded(one, "revoked", "Replaced by a new login");
        await AssertEnded(two, "revoked", "Replaced by a new login");
        Assert.Null(await _api.WhyNot(three.Token));
        Assert.Empty(await _api.Sessions($"user={first}"));
    }

    [Fact]
    public async Task A_deactivated_user_has_no_session_and_gets_none_until_activated()
    {
        var user = Actions.NewUser();
        var login = await _api.Login(user);

        var receipt = (await _api.Post($"/api/v3/users/{user}/deactivate/")).Is(200);
        Assert.Equal(login.Uuid, Assert.Single(receipt.Json!["ended"]!.AsArray())!.GetValue<string>());
        await AssertEnded(login, "user_inactive", "User deactivated");
        Assert.Equal("access-denied", (await _api.TryLogin(user)).Is(403).Problem);
        Assert.False((await _api.Get($"/api/v3/users/{user}/")).Is(200).At("active")!.GetValue<bool>());

        (await _api.Post($"/api/v3/users/{user}/activate/")).Is(200);
        Assert.Null(await _api.WhyNot((await _api.Login(user)).Token));
        Assert.Equal("user_inactive", await _api.WhyNot(login.Token));
    }

    [Fact]
    public async Task A_user_that_was_never_seen_can_be_deactivated_and_it_sticks()
    {
        var user = Actions.NewUser();

        (await _api.Post($"/api/v3/users/{user}/deactivate/")).Is(200);

        (await _api.TryLogin(user)).Is(403);
        Assert.Empty(await _api.Events(user, "login"));
    }

    [Fact]
    public async Task An_expired_session_is_refused_and_swept_with_one_event()
    {
        var stage = await _api.Stage("\"session_duration\": \"seconds=1\"");
        var (used, unused) = (await _api.Login(Actions.NewUser(), stage), await _api.Login(Actions.NewUser(), stage));

        await Poll.Until(async () => await _api.WhyNot(used.Token) is not null);
        await Poll.Until(async () => (await _api.Events(unused.User, "logout")).Count > 0);

        await AssertEnded(used, "expired", "Session expired");
        await AssertEnded(unused, "expired", "Session expired");
    }

    private static (string Name, string Value)[] Own(Login login) =>
        [("Authorization", $"Session {login.Token}"), ("X-Forwarded-For", Places.Berlin)];

    private static string Revoke(Login login) =>
        $$"""{"token": "{{login.Token}}", "client": {"ip": "{{Places.Berlin}}", "method": "GET", "path": "/logout"} }""";

    private Task AssertEnded(Login login, string reason, string logoutReason) => Endings.AssertEnded(_api, login, reason, logoutReason);
}

/// <summary>What is true of every ended session.</summary>
internal static class Endings
{
    public static async Task AssertEnded(ApiClient api, Login login, string reason, string logoutReason)
    {
        Assert.Equal(reason, await api.WhyNot(login.Token));
        var entry = await api.LogoutEvent(login);
        Assert.Equal(logoutReason, entry["context"]!["logout_reason"]!.GetValue<string>());
        Assert.Equal("logout", entry["action"]!.GetValue<string>());
        Assert.DoesNotContain(await api.Sessions($"user={Uri.EscapeDataString(login.User)}"), s => s!["uuid"]!.GetValue<string>() == login.Uuid);
        (await api.Get($"/api/v3/core/authenticated_sessions/{login.Uuid}/")).Is(404);
        Assert.Single(await api.Events(login.User, "login"), e => e!["context"]!["session_uuid"]!.GetValue<string>() == login.Uuid);
    }
}
