using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionCluster.AspNetCore;
using SessionCluster.Bench.Http;
using SessionCluster.Bench.Rounds;
using SessionCluster.Client;

namespace SessionCluster.Bench.Clients;

/// <summary>What authentication in an ASP.NET Core app costs beside the bare HTTP call that it makes.</summary>
internal sealed class HandlerCost : IComparison
{
    private const int Many = 16;

    public string Name => "handler";

    public string Goal => "time of a request to an app, one after the other, authenticated by SessionCluster.AspNetCore against one that makes the bare call of validate: at most 15 % more; also authentication alone, and with 16 callers, which keep both sides' processors busy";

    public string? Missing => null;

    public async Task Run(Runner runner, Report report)
    {
        await using var server = await ServerProcess.Start();
        var token = (await Logins.Make(server.Api, 1)).Single().Token;
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { DefaultRequestHeaders = { { "Authorization", $"Bearer {server.Key}" } } };
        var body = JsonSerializer.SerializeToUtf8Bytes(new { token, client = new { ip = Logins.Ip, user_agent = Logins.UserAgent, method = "GET", path = "/diary" } });
        await using var services = Services(server);
        await using var byHand = ByHand(context => Ask(http, server.Url, body, context));

        await using var app = await App(services => services.AddAuthentication(SessionClusterDefaults.AuthenticationScheme)
            .AddSessionCluster(o => (o.Address, o.ApiKey) = (server.Url, server.Key)), OnlyAuthenticated);
        await using var appByHand = await App(services => AddByHand(services, context => Ask(http, server.Url, body, context)), OnlyAuthenticated);
        await using var bareApp = await App(_ => { }, app => app.Use(async (context, next) =>
        {
            if (await Ask(http, server.Url, body, context))
            {
                await next(context);
            }
        }));
        var requests = await runner.Alternate(
            new Side("app with the handler", length => Load.Run(length, _ => Get(http, app, token), 1)),
            new Side("app with the bare call", length => Load.Run(length, _ => Get(http, bareApp, token), 1)),
            new Side("app with a handler by hand", length => Load.Run(length, _ => Get(http, appByHand, token), 1)));
        report.AtMost(Name, "µs a request to an app over HTTP, with the handler and with the bare call", 1_000_000 / requests[0].PerSecond, 1_000_000 / requests[1].PerSecond, 1.15);
        report.Note(Name, "µs a request to an app over HTTP, with the handler and with one by hand that makes the bare call", 1_000_000 / requests[0].PerSecond, 1_000_000 / requests[2].PerSecond);
        var alone = await Times(1);
        report.Note(Name, "µs of authentication alone, handler and bare call", alone[0], alone[2]);
        report.Note(Name, "µs of authentication alone, handler and one by hand that makes the bare call", alone[0], alone[3]);
        report.Note(Name, "µs of authentication alone, typed client and bare call", alone[1], alone[2]);
        var busy = await Times(Many);
        report.Note(Name, $"µs a request of {Many} callers, handler and bare call", busy[0], busy[2]);
        report.Note(Name, $"µs a request of {Many} callers, handler and one by hand", busy[0], busy[3]);
        report.Note(Name, $"µs a request of {Many} callers, typed client and bare call", busy[1], busy[2]);
        report.Note(Name, "bytes allocated a request, typed client and bare call", await Allocated(() => Validate(services, token)), await Allocated(() => Call(services, token, http, server.Url, body)));
        report.Note(Name, "bytes allocated a request, handler and bare call", await Allocated(() => Authenticate(services, token)), await Allocated(() => Call(services, token, http, server.Url, body)));

        async Task<double[]> Times(int callers)
        {
            var medians = await runner.Alternate(
                new Side("handler", length => Load.Run(length, _ => Authenticate(services, token), callers)),
                new Side("typed client", length => Load.Run(length, _ => Validate(services, token), callers)),
                new Side("bare call", length => Load.Run(length, _ => Call(services, token, http, server.Url, body), callers)),
                new Side("handler by hand", length => Load.Run(length, _ => Authenticate(byHand, token), callers)));
            return [.. medians.Select(median => callers * 1_000_000 / median.PerSecond)];
        }
    }

    /// <summary>An app whose every request is authenticated.</summary>
    private static async Task<WebApplication> App(Action<IServiceCollection> add, Action<WebApplication> use)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        add(builder.Services);
        var app = builder.Build();
        use(app);
        app.MapGet("/diary", () => "Dear diary");
        await app.StartAsync();
        return app;
    }

    private static void OnlyAuthenticated(WebApplication app) =>
        app.UseAuthentication().Use((context, next) => context.User.Identity is { IsAuthenticated: true } ? next(context) : Task.CompletedTask);

    private static async Task Get(HttpClient http, WebApplication app, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, app.Urls.First() + "/diary") { Headers = { { "Cookie", $"sessioncluster_session={token}" }, { "User-Agent", Logins.UserAgent } } };
        using var answer = await http.SendAsync(request);
        if (await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync() != "Dear diary")
        {
            throw new InvalidOperationException("The app did not answer.");
        }
    }

    private static ServiceProvider Services(ServerProcess server)
    {
        var services = new ServiceCollection().AddLogging();
        services.AddAuthentication(SessionClusterDefaults.AuthenticationScheme).AddSessionCluster(o => (o.Address, o.ApiKey) = (server.Url, server.Key));
        return services.BuildServiceProvider();
    }

    private static ServiceProvider ByHand(Func<HttpContext, Task<bool>> ask)
    {
        var services = new ServiceCollection().AddLogging();
        AddByHand(services, ask);
        return services.BuildServiceProvider();
    }

    /// <summary>The least handler that asks the server: what any authentication of ASP.NET Core costs beside its call.</summary>
    private static void AddByHand(IServiceCollection services, Func<HttpContext, Task<bool>> ask)
    {
        services.AddSingleton(ask);
        services.AddAuthentication("by hand").AddScheme<AuthenticationSchemeOptions, HandlerByHand>("by hand", null);
    }

    private static async Task Authenticate(ServiceProvider services, string token)
    {
        await using var request = new Request(services, token);
        if (!(await request.Context.AuthenticateAsync()).Succeeded)
        {
            throw new InvalidOperationException("The session was refused.");
        }
    }

    private static async Task Validate(ServiceProvider services, string token)
    {
        await using var request = new Request(services, token);
        var facts = new ClientFacts(Logins.Ip) { UserAgent = Logins.UserAgent, Method = "GET", Path = "/diary" };
        if (!(await services.GetRequiredService<ISessionClusterClient>().ValidateAsync(token, facts)).IsActive)
        {
            throw new InvalidOperationException("The session was refused.");
        }
    }

    private static async Task Call(ServiceProvider services, string token, HttpClient http, Uri server, byte[] body)
    {
        await using var request = new Request(services, token);
        if (!await Ask(http, server, body, request.Context))
        {
            throw new InvalidOperationException("The session was refused.");
        }
    }

    private static async Task<bool> Ask(HttpClient http, Uri server, byte[] body, HttpContext context)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server, "/api/v3/sessions/validate/"))
        {
            Content = new ByteArrayContent(body) { Headers = { { "Content-Type", "application/json" } } },
        };
        using var answer = await http.SendAsync(request, context.RequestAborted);
        using var json = JsonDocument.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync());
        return json.RootElement.GetProperty("active").GetBoolean();
    }

    private static async Task<double> Allocated(Func<Task> work)
    {
        const int Times = 2_000;
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < Times; i++)
        {
            await work();
        }

        return (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Times;
    }

    /// <summary>A request in an app, as Kestrel would hand it over: both sides have one.</summary>
    private sealed class Request : IAsyncDisposable
    {
        private readonly AsyncServiceScope _scope;

        public Request(ServiceProvider services, string token)
        {
            _scope = services.CreateAsyncScope();
            Context = new DefaultHttpContext { RequestServices = _scope.ServiceProvider };
            Context.Connection.RemoteIpAddress = IPAddress.Loopback;
            (Context.Request.Method, Context.Request.Path) = ("GET", "/diary");
            Context.Request.Headers.UserAgent = Logins.UserAgent;
            Context.Request.Headers.Cookie = $"sessioncluster_session={token}";
        }

        public DefaultHttpContext Context { get; }

        public ValueTask DisposeAsync() => _scope.DisposeAsync();
    }

    private sealed class HandlerByHand(
        IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, Func<HttpContext, Task<bool>> ask)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override async Task<AuthenticateResult> HandleAuthenticateAsync() => await ask(Context)
            ? AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", "1")], Scheme.Name)), Scheme.Name))
            : AuthenticateResult.Fail("The session is not live.");
    }
}
