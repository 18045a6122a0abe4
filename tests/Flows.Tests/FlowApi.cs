using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace SessionCluster.Flows.Tests;

/// <summary>A server's HTTP interface as the tests use it: by its service key, or as a browser without one.</summary>
public sealed class FlowApi : IDisposable
{
    public const string Key = "flows-tests-key-with-every-role-0123456789";

    public const string ManagerKey = "flows-tests-key-of-a-manager-0123456789";

    public const string Slug = "default-authentication-flow";

    public FlowApi(string url)
    {
        Url = url;
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(url) };
    }

    public string Url { get; }

    public HttpClient Http { get; }

    public void Dispose() => Http.Dispose();

    /// <summary>A service key as settings name it.</summary>
    public static string HashOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    public async Task<string> Stage(object fields)
    {
        using var answer = await Send(HttpMethod.Post, "/api/v3/stages/user_login/", fields, ("Authorization", $"Bearer {Key}"));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (await Json(answer)).GetProperty("name").GetString()!;
    }

    /// <summary>The body of a plan for a user.</summary>
    public static Dictionary<string, object?> PlanOf(string user, string stage = "default") => new()
    {
        ["flow_slug"] = Slug,
        ["stage"] = stage,
        ["pending_user"] = new { pk = user, username = $"name-{user}", email = $"{user}@example.com", name = "Some Body" },
        ["client"] = new { ip = "192.0.2.1", user_agent = "agent-of-plan" },
    };

    public async Task<Plan> MakePlan(Dictionary<string, object?> body)
    {
        using var answer = await PostPlan(body);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var json = await Json(answer);
        return new Plan(json.GetProperty("plan").GetString()!, json.GetProperty("executor").GetString()!, json.GetProperty("page").GetString()!);
    }

    public Task<HttpResponseMessage> PostPlan(Dictionary<string, object?> body) =>
        Send(HttpMethod.Post, "/api/v3/flows/plans/", body, ("Authorization", $"Bearer {Key}"));

    /// <summary>A GET of the executor; the plan in its header.</summary>
    public Task<HttpResponseMessage> Get(Plan plan, params (string Name, string Value)[] headers) =>
        Send(HttpMethod.Get, plan.Executor + "?query=", null, [("X-Flow-Plan", plan.Token), .. headers]);

    /// <summary>A POST to the executor; the plan in its header.</summary>
    public Task<HttpResponseMessage> Solve(Plan plan, object? body, params (string Name, string Value)[] headers) =>
        Send(HttpMethod.Post, plan.Executor + "?query=", body, [("X-Flow-Plan", plan.Token), .. headers]);

    public async Task<HttpResponseMessage> Send(HttpMethod method, string path, object? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body switch
        {
            null => null,
            HttpContent content => content,
            string text => new StringContent(text, Encoding.UTF8, "application/json"),
            _ => JsonContent.Create(body),
        };
        foreach (var (name, value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        return await Http.SendAsync(request);
    }

    /// <summary>Opens a page with the cookie of a plan, or without.</summary>
    public Task<HttpResponseMessage> Open(string path, string? cookie = null, params (string, string)[] headers) =>
        Send(HttpMethod.Get, path, null, cookie is null ? headers : [("Cookie", $"{Names.PlanCookie}={cookie}"), .. headers]);

    /// <summary>The cookie of a plan, for the code in the address of its page.</summary>
    public async Task<string> Exchange(Plan plan)
    {
        using var answer = await Open(plan.Page);
        return Cookie(answer, Names.PlanCookie)!;
    }

    /// <summary>The uuids of a user's live sessions.</summary>
    public async Task<string[]> Sessions(string user)
    {
        using var answer = await Send(
            HttpMethod.Get, $"/api/v3/core/authenticated_sessions/?user={user}", null, ("Authorization", $"Bearer {Key}"));
        return [.. (await Json(answer)).GetProperty("results").EnumerateArray().Select(session => session.GetProperty("uuid").GetString()!)];
    }

    /// <summary>How many login events a user has.</summary>
    public async Task<int> Logins(string user)
    {
        using var answer = await Send(
            HttpMethod.Get, $"/api/v3/events/events/?action=login&username=name-{user}", null, ("Authorization", $"Bearer {Key}"));
        return (await Json(answer)).GetProperty("pagination").GetProperty("count").GetInt32();
    }

    /// <summary>The session that a user logs in with by the one-call login.</summary>
    public async Task<(string Token, string Uuid)> LogIn(string user)
    {
        var body = new { stage = "default", pending_user = new { pk = user, username = $"name-{user}" }, client = new { ip = "192.0.2.9" } };
        using var answer = await Send(HttpMethod.Post, "/api/v3/sessions/", body, ("Authorization", $"Bearer {Key}"));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var json = await Json(answer);
        return (json.GetProperty("token").GetString()!, json.GetProperty("session").GetProperty("uuid").GetString()!);
    }

    public static async Task<JsonElement> Json(HttpResponseMessage answer)
    {
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return document.RootElement.Clone();
    }

    /// <summary>The component of an executor's answer, which is always a 200.</summary>
    public static async Task<string> Component(HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await Json(answer)).GetProperty("component").GetString()!;
    }

    /// <summary>The value of a cookie that an answer sets; null when it does not.</summary>
    public static string? Cookie(HttpResponseMessage answer, string name) => !answer.Headers.TryGetValues("Set-Cookie", out var lines)
        ? null
        : lines.Where(line => line.StartsWith(name + "=", StringComparison.Ordinal)).Select(line => line[(name.Length + 1)..line.IndexOf(';')]).FirstOrDefault();
}

/// <summary>A plan as the server gave it out.</summary>
public sealed record Plan(string Token, string Executor, string Page);

/// <summary>The components and cookies of the contract.</summary>
public static class Names
{
    public const string Challenge = "ak-stage-user-login";

    public const string Redirect = "xak-flow-redirect";

    public const string Denied = "ak-stage-access-denied";

    public const string SessionCookie = "sessioncluster_session";

    public const string DeviceCookie = "sessioncluster_device";

    public const string PlanCookie = "sessioncluster_plan";
}
