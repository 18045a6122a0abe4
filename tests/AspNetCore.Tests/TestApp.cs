using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SessionCluster.AspNetCore.Tests;

/// <summary>An ASP.NET Core app on Kestrel, as its developer would write it, behind a proxy on this machine.</summary>
internal sealed class TestApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestApp(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.First());

    public IServiceProvider Services => _app.Services;

    /// <summary>What the events of the scheme told.</summary>
    public List<string> Told { get; } = [];

    /// <summary>An app with the scheme SessionCluster against a server.</summary>
    public static Task<TestApp> Start(SessionServer server, Action<SessionClusterOptions>? configure = null, string? pathBase = null, Action<WebApplication>? use = null) =>
        Start(server.Process.Url, server.Api.Key, configure, pathBase, use);

    public static Task<TestApp> Start(Uri address, string key, Action<SessionClusterOptions>? configure = null, string? pathBase = null, Action<WebApplication>? use = null)
    {
        TestApp? started = null;
        return StartAny(
            services => services.AddHealthChecks().AddSessionCluster().Services.AddAuthentication(SessionClusterDefaults.AuthenticationScheme).AddSessionCluster(o =>
            {
                (o.Address, o.ApiKey) = (address, key);
                o.Events.OnRefused = context => Tell($"refused {context.Reason} {context.Binding?.Reason}");
                o.Events.OnSignedIn = context => Tell($"signed in, {context.Receipt?.Ended.Count ?? 0} ended");
                configure?.Invoke(o);
            }),
            app =>
            {
                app.UseAuthentication();
                use?.Invoke(app);
            },
            pathBase,
            app => started = app);

        Task Tell(string text)
        {
            started!.Told.Add(text.TrimEnd());
            return Task.CompletedTask;
        }
    }

    /// <summary>An app with any authentication.</summary>
    public static async Task<TestApp> StartAny(
        Action<IServiceCollection> services, Action<WebApplication> use, string? pathBase = null, Action<TestApp>? made = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.None));
        builder.Services.AddAuthorization();
        builder.Services.AddHealthChecks();
        services(builder.Services);
        var app = builder.Build();
        var test = new TestApp(app);
        made?.Invoke(test);
        var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor };
        app.UseForwardedHeaders(forwarded);
        if (pathBase is not null)
        {
            app.UsePathBase(pathBase);
        }

        app.UseRouting();
        use(app);
        app.UseAuthorization();
        app.MapHealthChecks("/health");
        app.MapPost("/signin/{user}", SignIn);
        app.MapPost("/signout", (HttpContext http) => http.SignOutAsync());
        app.MapGet("/who", (ClaimsPrincipal user) => user.Identity!.IsAuthenticated ? user.Claims.GroupBy(c => c.Type).ToDictionary(c => c.Key, c => c.First().Value) : []);
        app.MapGet("/secret", () => "secret").RequireAuthorization();
        app.MapGet("/admin", () => "admin").RequireAuthorization(policy => policy.RequireRole("admin"));
        app.MapSessionCluster("/account");
        await app.StartAsync();
        return test;
    }

    /// <summary>A browser, at an address.</summary>
    public Visitor NewVisitor(string ip = Places.Berlin) => new(Url, ip);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task<IResult> SignIn(HttpContext http, string user, string? stage, bool? remember, string? role, int? size)
    {
        var identity = new ClaimsIdentity("test", "name", ClaimTypes.Role);
        identity.AddClaims([new("sub", user), new("name", $"Name {user}"), new("email", $"{user}@example.test"), new("padding", new string('x', size ?? 0))]);
        if (role is not null)
        {
            identity.AddClaim(new(ClaimTypes.Role, role));
        }

        var properties = remember is null && stage is null ? null : new AuthenticationProperties { IsPersistent = remember == true };
        properties = stage is null ? properties : (properties ?? new()).SetStage(stage);
        try
        {
            await http.SignInAsync(new ClaimsPrincipal(identity), properties);
            return Results.Ok();
        }
        catch (Exception exception) when (exception is not SessionCluster.Client.SessionClusterUnavailableException)
        {
            return Results.Text(exception.Message, statusCode: 418);
        }
    }
}

/// <summary>A browser: it keeps cookies, and says where it comes from as a proxy would.</summary>
internal sealed class Visitor(Uri url, string ip) : IDisposable
{
    private readonly CookieContainer _cookies = new();

    private HttpClient? _http;

    /// <summary>Where it is now.</summary>
    public string Ip { get; set; } = ip;

    public string UserAgent { get; init; } = Actions.UserAgent;

    public string? Cookie(string name) => _cookies.GetAllCookies().FirstOrDefault(cookie => cookie.Name == name)?.Value;

    public DateTime CookieExpires(string name) => _cookies.GetAllCookies().First(cookie => cookie.Name == name).Expires;

    public void SetCookie(string name, string value) => _cookies.Add(url, new Cookie(name, value));

    public Task<HttpResponseMessage> Send(HttpMethod method, string path, params (string Name, string Value)[] headers) => Send(method, path, null, headers);

    public async Task<HttpResponseMessage> Send(HttpMethod method, string path, HttpContent? body, params (string Name, string Value)[] headers)
    {
        _http ??= new HttpClient(new SocketsHttpHandler { CookieContainer = _cookies, AllowAutoRedirect = false });
        using var request = new HttpRequestMessage(method, new Uri(url, path)) { Content = body };
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", Ip);
        request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public async Task<int> Status(string path) => (int)(await Send(HttpMethod.Get, path)).StatusCode;

    public async Task<JsonNode> Get(string path)
    {
        var answer = await Send(HttpMethod.Get, path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }

    /// <summary>Signs in; what went wrong, or null.</summary>
    public async Task<string?> SignIn(string user, string query = "")
    {
        var answer = await Send(HttpMethod.Post, $"/signin/{user}{query}");
        return answer.StatusCode == HttpStatusCode.OK ? null : $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}";
    }

    /// <summary>Does what a script of the app's own page does.</summary>
    public Task<HttpResponseMessage> Post(string path) => Send(HttpMethod.Post, path, ("Sec-Fetch-Site", "same-origin"));

    /// <summary>Presses a button of the app's own page, whose form says where it leads.</summary>
    public Task<HttpResponseMessage> PostForm(string path, string returnUrl) => Send(
        HttpMethod.Post, path, new FormUrlEncodedContent([new("returnUrl", returnUrl)]), ("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Mode", "navigate"));

    public void Dispose() => _http?.Dispose();
}
