using System.Globalization;

namespace SessionCluster.Server.Tests;

[Collection(nameof(PlainServer))]
public sealed class LoginTests(PlainServer server)
{
    private readonly ApiClient _api = server.Api;

    private static readonly string[] SessionKeys =
    [
        "uuid", "current", "user_agent", "geo_ip", "asn", "user", "last_ip", "last_user_agent", "last_used", "expires", "created",
        "auth_method", "known_device", "network_binding", "geoip_binding", "data",
    ];

    [Fact]
    public async Task A_login_answers_with_token_cookies_and_the_session()
    {
        var user = Actions.NewUser();

        var login = await _api.Login(user, more: """, "data": {"cart": [1, 2]}""");

        Assert.Matches("^[A-Za-z0-9_-]{44}$", login.Token);
        Assert.True(Guid.TryParse(login.Uuid, out _));
        var session = login.Answer.At("session")!.AsObject();
        Assert.Equal(SessionKeys, session.Select(member => member.Key));
        Assert.Equal(user, session["user"]!.GetValue<string>());
        Assert.Equal(Places.Berlin, session["last_ip"]!.GetValue<string>());
        Assert.Equal("Firefox", session["user_agent"]!["user_agent"]!["family"]!.GetValue<string>());
        Assert.Equal(64500, session["asn"]!["asn"]!.GetValue<int>());
        Assert.Equal("100.64.0.0/24", session["asn"]!["network"]!.GetValue<string>());
        Assert.Equal("Berlin", session["geo_ip"]!["city"]!.GetValue<string>());
        Assert.Equal("password", session["auth_method"]!.GetValue<string>());
        Assert.Equal("""{"cart":[1,2]}""", session["data"]!.ToJsonString());
        Assert.False(login.KnownDevice);
        Assert.Null(login.Answer.At("receipt"));
    }

    [Fact]
    public async Task Behind_https_the_cookies_are_host_only_and_secure()
    {
        var login = await _api.Login(Actions.NewUser());

        var cookies = login.Answer.Json!["cookies"]!.AsArray();

        Assert.Equal(2, cookies.Count);
        Assert.Equal("__Host-sessioncluster_session", cookies[0]!["name"]!.GetValue<string>());
        Assert.Equal(login.Token, cookies[0]!["value"]!.GetValue<string>());
        Assert.Equal(
            $"__Host-sessioncluster_session={login.Token}; Path=/; HttpOnly; Secure; SameSite=Lax", cookies[0]!["set_cookie"]!.GetValue<string>());
        Assert.Equal("__Host-sessioncluster_device", cookies[1]!["name"]!.GetValue<string>());
        Assert.StartsWith(
            $"__Host-sessioncluster_device={login.DeviceCookie}; Path=/; Max-Age=25", cookies[1]!["set_cookie"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_that_ends_with_the_browser_is_bounded_by_the_setting_on_the_server()
    {
        var login = await _api.Login(Actions.NewUser());

        Assert.Equal(TimeSpan.FromHours(2), Lifetime(login));
        Assert.DoesNotContain("Max-Age", SetCookie(login), StringComparison.Ordinal);
        Assert.DoesNotContain("Expires", SetCookie(login), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("minutes=90", 90)]
    [InlineData("hours=1,minutes=30", 90)]
    [InlineData("hours=1.5", 90)]
    [InlineData("days=400", 400 * 24 * 60)]
    public async Task A_session_duration_is_the_absolute_lifetime_and_the_cookie_has_it(string duration, int minutes)
    {
        var stage = await _api.Stage($"\"session_duration\": \"{duration}\"");

        var login = await _api.Login(Actions.NewUser(), stage);

        Assert.Equal(TimeSpan.FromMinutes(minutes), Lifetime(login));
        Assert.Matches("; Max-Age=[0-9]+; Expires=[A-Z][a-z]{2}, ", SetCookie(login));
    }

    [Fact]
    public async Task A_lifetime_beyond_the_calendar_is_capped_at_its_last_day()
    {
        var stage = await _api.Stage("\"session_duration\": \"days=999999999\"");

        var login = await _api.Login(Actions.NewUser(), stage);

        Assert.StartsWith("9999-12-31T", login.Answer.StringAt("session.expires"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("true", 150)]
    [InlineData("false", 60)]
    public async Task The_offset_is_added_when_the_answer_is_yes(string answer, int minutes)
    {
        var stage = await _api.Stage("\"session_duration\": \"hours=1\", \"remember_me_offset\": \"minutes=90\"");

        var login = await _api.Login(Actions.NewUser(), stage, more: $", \"remember_me\": {answer}");

        Assert.Equal(TimeSpan.FromMinutes(minutes), Lifetime(login));
    }

    [Fact]
    public async Task A_yes_turns_a_session_of_the_browser_into_one_with_an_end()
    {
        var stage = await _api.Stage("\"remember_me_offset\": \"days=30\"");

        var yes = await _api.Login(Actions.NewUser(), stage, more: ", \"remember_me\": true");
        var no = await _api.Login(Actions.NewUser(), stage, more: ", \"remember_me\": false");

        Assert.Equal(TimeSpan.FromDays(30), Lifetime(yes));
        Assert.Contains("Max-Age=25", SetCookie(yes), StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromHours(2), Lifetime(no));
        Assert.DoesNotContain("Max-Age", SetCookie(no), StringComparison.Ordinal);
        Assert.NotNull(no.DeviceCookie);
    }

    [Fact]
    public async Task A_prompt_without_an_answer_is_a_challenge_and_nothing_is_created()
    {
        var stage = await _api.Stage("\"remember_me_offset\": \"days=30\"");
        var user = Actions.NewUser();

        var answer = await _api.TryLogin(user, stage);

        answer.Is(409);
        Assert.Equal("challenge-required", answer.Problem);
        Assert.Equal("ak-stage-user-login", answer.StringAt("challenge.component"));
        Assert.Equal($"name-{user}", answer.StringAt("challenge.pending_user"));
        Assert.NotNull(answer.At("challenge.pending_user_avatar"));
        Assert.NotNull(answer.At("challenge.flow_info.title"));
        Assert.Empty(await _api.Events(user, "login"));
        Assert.Empty(await _api.Sessions($"user={user}"));
    }

    [Fact]
    public async Task Remember_me_is_ignored_where_nothing_prompts()
    {
        var stage = await _api.Stage("\"session_duration\": \"hours=1\"");

        Assert.Equal(TimeSpan.FromHours(1), Lifetime(await _api.Login(Actions.NewUser(), stage, more: ", \"remember_me\": true")));
    }

    [Theory]
    [InlineData("null", "No Pending user to login.")]
    [InlineData("""{"pk": "denied-1", "is_active": false}""", "Unknown error")]
    [InlineData("""{"pk": null, "username": "new"}""", "Unknown error")]
    public async Task A_missing_or_inactive_user_is_denied_without_a_word_more(string user, string detail)
    {
        var answer = await _api.Post(
            "/api/v3/sessions/", $$"""{"stage": "default", "pending_user": {{user}}, "client": {"ip": "192.0.2.1"} }""");

        answer.Is(403);
        Assert.Equal("access-denied", answer.Problem);
        Assert.Equal(detail, answer.StringAt("detail"));
        Assert.Empty(await _api.Sessions("user=denied-1"));
    }

    [Fact]
    public async Task A_stage_is_found_by_name_and_by_key_and_its_bindings_go_into_the_session()
    {
        var stage = await _api.NewStage("\"network_binding\": \"bind_asn_network\", \"geoip_binding\": \"bind_continent_country\"");

        foreach (var name in (string[])[stage.StringAt("name"), stage.StringAt("pk")])
        {
            var login = await _api.Login(Actions.NewUser(), name);
            Assert.Equal("bind_asn_network", login.Answer.StringAt("session.network_binding"));
            Assert.Equal("bind_continent_country", login.Answer.StringAt("session.geoip_binding"));
        }
    }

    [Theory]
    [InlineData("42", true)]
    [InlineData("9007199254740991", true)]
    [InlineData("9007199254740992", false)]
    [InlineData("042", false)]
    public async Task A_canonical_decimal_key_is_a_number_in_answers(string pk, bool isNumber)
    {
        var login = await _api.Login(pk);

        Assert.Equal(isNumber ? pk : $"\"{pk}\"", login.Answer.At("session.user")!.ToJsonString());
    }

    [Fact]
    public async Task Each_login_of_one_user_has_an_identifier_of_its_own()
    {
        var user = Actions.NewUser();

        var logins = new[] { await _api.Login(user), await _api.Login(user), await _api.Login(user) };

        Assert.Equal(3, logins.Select(login => login.Token).Distinct().Count());
        foreach (var login in logins)
        {
            Assert.Null(await _api.WhyNot(login.Token));
        }
    }

    private static TimeSpan Lifetime(Login login) => Time(login, "session.expires") - Time(login, "session.created");

    private static DateTimeOffset Time(Login login, string path) => DateTimeOffset.Parse(login.Answer.StringAt(path), CultureInfo.InvariantCulture);

    private static string SetCookie(Login login) => login.Answer.Json!["cookies"]![0]!["set_cookie"]!.GetValue<string>();
}
