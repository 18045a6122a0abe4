using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SessionCluster.Api.Alerts;
using SessionCluster.Api.Health;
using SessionCluster.Api.Hosting;
using SessionCluster.Api.Tokens;
using SessionCluster.Sessions;

namespace SessionCluster.Api.Tests.Http;

/// <summary>The edge on a real Kestrel at a free port of the loopback, over fake grains.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    public const string Key = "bootstrap-key-of-the-tests-0123456789";

    private readonly WebApplication _app;
    private readonly HttpClient _http;

    private ApiHost(WebApplication app, FakeGrains grains, FakeReadiness readiness, KeptLog log)
    {
        _app = app;
        Grains = grains;
        Readiness = readiness;
        Log = log;
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(app.Urls.First()) };
    }

    public FakeGrains Grains { get; }

    public FakeReadiness Readiness { get; }

    /// <summary>What was logged, from warnings on.</summary>
    public KeptLog Log { get; }

    public Uri Url => _http.BaseAddress!;

    public string Origin => Url.GetLeftPart(UriPartial.Authority);

    /// <summary>Every endpoint that the built app has.</summary>
    public IReadOnlyList<Microsoft.AspNetCore.Http.Endpoint> Endpoints =>
        [.. ((Microsoft.AspNetCore.Routing.IEndpointRouteBuilder)_app).DataSources.SelectMany(source => source.Endpoints)];

    public SessionTokens Tokens => _app.Services.GetRequiredService<SessionTokens>();

    public DeviceCookies Devices => _app.Services.GetRequiredService<DeviceCookies>();

    public MailLinks NotMe => _app.Services.GetRequiredService<MailLinks>();

    /// <summary>Starts with three configured keys and a key ring from configuration.</summary>
    public static Task<ApiHost> Start(params (string Name, string Value)[] settings) => StartWith(
    [
        ("Api:BootstrapKey", Key),
        ("Keys:0", Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyRing.KeyBytes))),
        ("Api:Keys:0:Name", "login-only"),
        ("Api:Keys:0:Sha256", HashOf("login-only-key")),
        ("Api:Keys:0:Roles:0", "login"),
        ("Api:Keys:1:Name", "manage-only"),
        ("Api:Keys:1:Sha256", HashOf("manage-only-key")),
        ("Api:Keys:1:Roles:0", "manage"),
        .. settings,
    ]);

    /// <summary>Starts under another clock.</summary>
    public static Task<ApiHost> StartUnder(TimeProvider time) => StartWith([("Api:BootstrapKey", Key), ("Keys:0", Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyRing.KeyBytes)))], time);

    /// <summary>Starts with nothing configured but the data folder and what is named.</summary>
    public static Task<ApiHost> StartWithFiles(string folder, params (string Name, string Value)[] settings) => StartWith([("Data:Path", folder), .. settings]);

    private static async Task<ApiHost> StartWith((string Name, string Value)[] settings, TimeProvider? time = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        using var logs = new KeptLogs();
        builder.Logging.ClearProviders().AddProvider(logs).SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var values = new Dictionary<string, string?>();
        foreach (var (name, value) in settings)
        {
            values[name] = value;
        }

        builder.Configuration.AddInMemoryCollection(values);
        var grains = new FakeGrains();
        var readiness = new FakeReadiness();
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddSingleton(MadeUpGrains.Factory(grains.Find));
        builder.Services.AddSingleton<IReadiness>(readiness);
        var drain = new Drain(TimeSpan.Zero, TimeProvider.System);
        builder.Services.AddSingleton(drain);
        builder.Services.AddHostedService(_ => drain);
        builder.Services.AddSessionApi(builder.Configuration);
        var app = builder.Build();
        app.MapSessionApi();
        await app.StartAsync();
        return new ApiHost(app, grains, readiness, logs.Kept);
    }

    /// <summary>Signs an operator in to the console; the cookie.</summary>
    public async Task<string> SignInToConsole()
    {
        var answer = await Send("POST", "/admin/signin/", $"key={Key}", ("Anonymous", ""), ("Sec-Fetch-Site", "same-origin"), ("Content-Type", "application/x-www-form-urlencoded"));
        return answer.MustBe(303).Headers["Set-Cookie"].Split(';')[0];
    }

    /// <summary>Stops the server as a signal does.</summary>
    public Task Stop() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
    }

    public string CookieOf(SessionInfo session) => $"sessioncluster_session={Tokens.Issue(session.Id)}";

    public string SchemeOf(SessionInfo session) => $"Session {Tokens.Issue(session.Id)}";

    /// <summary>Sends as a service with every role, unless the headers say who.</summary>
    public async Task<Answer> Send(string method, string path, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        if (body is not null)
        {
            var bytes = body as byte[] ?? Encoding.UTF8.GetBytes(body as string ?? JsonSerializer.Serialize(body));
            request.Content = new ByteArrayContent(bytes);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        if (!headers.Any(header => header.Name is "Authorization" or "Cookie" or "Anonymous"))
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + Key);
        }

        foreach (var (name, value) in headers.Where(header => header.Name != "Anonymous"))
        {
            if (name == "Content-Type")
            {
                request.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(value);
            }
            else
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var response = await _http.SendAsync(request);
        return await Answer.Read(response);
    }

    /// <summary>The status of a GET whose request line is sent as it stands, which a client would tidy up.</summary>
    public async Task<int> StatusOf(string target, params (string Name, string Value)[] headers)
    {
        using var connection = new System.Net.Sockets.TcpClient();
        await connection.ConnectAsync(Url.Host, Url.Port);
        await using var stream = connection.GetStream();
        var lines = headers.Select(header => $"{header.Name}: {header.Value}\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {target} HTTP/1.1\r\nHost: {Url.Authority}\r\nConnection: close\r\n{string.Concat(lines)}\r\n"));
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync();
        return int.Parse(answer.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    public Task<Answer> Login(object? body = null, params (string Name, string Value)[] headers) =>
        Send("POST", "/api/v3/sessions/", body ?? LoginBody(), headers);

    public static JsonObject LoginBody(string stage = "default", string pk = "42") => new()
    {
        ["stage"] = stage,
        ["pending_user"] = new JsonObject { ["pk"] = pk, ["username"] = "jane", ["email"] = "j@x", ["name"] = "Jane" },
        ["client"] = new JsonObject { ["ip"] = "1.2.3.4", ["user_agent"] = "curl/8.0", ["method"] = "POST", ["path"] = "/login?code=1" },
    };

    private static string HashOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}

internal sealed class FakeReadiness : IReadiness
{
    public string? Reason { get; set; }

    public ValueTask<string?> WhyNotReady(CancellationToken cancellationToken) => new(Reason);
}

/// <summary>An answer, read whole.</summary>
internal sealed record Answer(int Status, string Text, string? ContentType, IReadOnlyDictionary<string, string> Headers)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    public string? Type => (string?)Json["type"];

    public static async Task<Answer> Read(HttpResponseMessage response)
    {
        var headers = response.Headers.Concat(response.Content.Headers)
            .ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        return new Answer(
            (int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Content.Headers.ContentType?.MediaType, headers);
    }

    /// <summary>Checks that the answer is this problem, in problem form.</summary>
    public Answer MustBe(int status, string slug)
    {
        Assert.Equal((status, "application/problem+json", slug, status), (Status, ContentType, Type, (int)Json["status"]!));
        Assert.NotNull((string?)Json["title"]);
        Assert.NotNull((string?)Json["detail"]);
        return this;
    }

    public Answer MustBe(int status)
    {
        Assert.True(Status == status, $"{Status} instead of {status}: {Text}");
        return this;
    }
}
