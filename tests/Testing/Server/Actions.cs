using SessionCluster.Testing.Geo;

namespace SessionCluster.Testing.Server;

/// <summary>A login: what was answered, and what later calls need.</summary>
internal sealed record Login(Answer Answer, string User)
{
    public string Token => Answer.StringAt("token");

    public string Uuid => Answer.StringAt("session.uuid");

    public string Cookie => $"{Answer.Json!["cookies"]![0]!["name"]}={Answer.Json["cookies"]![0]!["value"]}";

    public string? DeviceCookie => Answer.Json!["cookies"]!.AsArray().ElementAtOrDefault(1)?["value"]!.GetValue<string>();

    public bool KnownDevice => Answer.At("known_device")!.GetValue<bool>();
}

/// <summary>What front ends do, in one call each.</summary>
internal static class Actions
{
    public const string UserAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0";

    private static int _users;

    /// <summary>A user that no other test has.</summary>
    public static string NewUser(string prefix = "u") => $"{prefix}-{Interlocked.Increment(ref _users)}-{Guid.NewGuid():N}";

    public static string LoginBody(
        string user, string stage = "default", string ip = Places.Berlin, string client = "", string more = "") =>
        $$"""
        {"stage": "{{stage}}", "pending_user": {"pk": "{{user}}", "username": "name-{{user}}", "email": "{{user}}@example.test", "name": "N"},
         "client": {"ip": "{{ip}}", "user_agent": "{{UserAgent}}", "method": "POST", "path": "/login?secret=1", "args": {"q": "1", "password": "p"}{{client}}}
         {{more}}}
        """;

    public static Task<Answer> TryLogin(
        this ApiClient api, string user, string stage = "default", string ip = Places.Berlin, string client = "", string more = "") =>
        api.Post("/api/v3/sessions/", LoginBody(user, stage, ip, client, more));

    public static async Task<Login> Login(
        this ApiClient api, string user, string stage = "default", string ip = Places.Berlin, string client = "", string more = "") =>
        new((await api.TryLogin(user, stage, ip, client, more)).Is(201), user);

    public static async Task<Answer> Validate(this ApiClient api, string token, string ip = Places.Berlin, string client = "") => (await api.Post(
        "/api/v3/sessions/validate/",
        $$"""
        {"token": "{{token}}", "client": {"ip": "{{ip}}", "user_agent": "{{UserAgent}}", "method": "GET", "path": "/if/admin/?x=1", "args": {}{{client}} } }
        """)).Is(200);

    /// <summary>Why a session is not active; null while it is.</summary>
    public static async Task<string?> WhyNot(this ApiClient api, string token, string ip = Places.Berlin)
    {
        var answer = await api.Validate(token, ip);
        return answer.At("active")!.GetValue<bool>() ? null : answer.StringAt("reason");
    }

    /// <summary>Creates a stage; its name.</summary>
    public static async Task<string> Stage(this ApiClient api, string settings) =>
        (await api.NewStage(settings)).StringAt("name");

    public static async Task<Answer> NewStage(this ApiClient api, string settings) =>
        (await api.Post("/api/v3/stages/user_login/", $$"""{"name": "stage-{{Guid.NewGuid():N}}", {{settings}}}""")).Is(201);

    /// <summary>The events of a user, oldest first.</summary>
    public static async Task<JsonArray> Events(this ApiClient api, string user, string action)
    {
        var answer = (await api.Get($"/api/v3/events/events/?action={action}&username=name-{user}&ordering=created&page_size=100")).Is(200);
        return answer.Json!["results"]!.AsArray();
    }

    /// <summary>The one logout event of a session.</summary>
    public static async Task<JsonNode> LogoutEvent(this ApiClient api, Login login) => Assert.Single(
        await api.Events(login.User, "logout"), e => e!["context"]!["session_uuid"]!.GetValue<string>() == login.Uuid)!;

    public static async Task<JsonArray> Sessions(this ApiClient api, string query) =>
        (await api.Get($"/api/v3/core/authenticated_sessions/?{query}")).Is(200).Json!["results"]!.AsArray();
}
