using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SessionCluster.Client;

namespace SessionCluster.AspNetCore.Tests;

/// <summary>Apps with cookie authentication, and with ASP.NET Core Identity, whose tickets are with the server.</summary>
[Collection(nameof(SessionServer))]
public sealed class TicketStoreTests(SessionServer server)
{
    private const string Cookie = ".AspNetCore.Cookies";

    [Fact]
    public async Task A_cookie_app_has_its_own_claims_and_is_refused_when_its_session_is_ended()
    {
        await using var app = await StartCookies();
        using var browser = app.NewVisitor();
        var user = Actions.NewUser();

        Assert.Null(await browser.SignIn(user, "?role=admin"));

        Assert.Equal(200, await browser.Status("/admin"));
        Assert.Equal(user, (await browser.Get("/who"))["sub"]!.GetValue<string>());
        Assert.Single((await browser.Get("/account/sessions")).AsArray());
        (await server.Api.Post($"/api/v3/users/{user}/sessions/revoke/")).Is(200);
        Assert.Empty((await browser.Get("/who")).AsObject());
    }

    [Fact]
    public async Task A_sign_in_over_an_old_session_takes_a_new_key()
    {
        await using var app = await StartCookies();
        using var browser = app.NewVisitor();
        var user = Actions.NewUser();
        Assert.Null(await browser.SignIn(user));
        using var thief = app.NewVisitor();
        thief.SetCookie(Cookie, browser.Cookie(Cookie)!);
        Assert.Equal(200, await thief.Status("/secret"));

        Assert.Null(await browser.SignIn(user));

        Assert.Equal(200, await browser.Status("/secret"));
        Assert.Empty((await thief.Get("/who")).AsObject());
        Assert.Single(await server.Api.Sessions($"user={user}"));
    }

    [Fact]
    public async Task Signing_out_ends_the_session()
    {
        await using var app = await StartCookies();
        using var browser = app.NewVisitor();
        var user = Actions.NewUser();
        Assert.Null(await browser.SignIn(user));

        Assert.Equal(HttpStatusCode.OK, (await browser.Send(HttpMethod.Post, "/signout")).StatusCode);

        Assert.Empty(await server.Api.Sessions($"user={user}"));
    }

    [Fact]
    public async Task A_ticket_that_is_too_large_is_named_and_signs_nobody_in()
    {
        await using var app = await StartCookies();
        using var browser = app.NewVisitor();
        var user = Actions.NewUser();

        var refused = await browser.SignIn(user, "?size=30000");

        Assert.Contains("The ticket of the scheme 'Cookies' has", refused, StringComparison.Ordinal);
        Assert.Contains("Sessions:MaxData", refused, StringComparison.Ordinal);
        Assert.Empty(await server.Api.Sessions($"user={user}"));
        Assert.Null(await browser.SignIn(user, "?size=20000"));
    }

    [Fact]
    public async Task A_renewal_writes_the_ticket_again_under_the_same_key()
    {
        await using var app = await StartCookies(options => options.Events.OnValidatePrincipal = context =>
        {
            var count = int.Parse(context.Principal!.FindFirst("count")?.Value ?? "0", System.Globalization.CultureInfo.InvariantCulture);
            context.ReplacePrincipal(new ClaimsPrincipal(new ClaimsIdentity([context.Principal!.FindFirst("sub")!, new("count", $"{count + 1}")], "test")));
            context.ShouldRenew = true;
            return Task.CompletedTask;
        });
        using var browser = app.NewVisitor();
        var user = Actions.NewUser();
        Assert.Null(await browser.SignIn(user));
        var session = Assert.Single(await server.Api.Sessions($"user={user}"))!;

        // Each request sees what the one before it has written.
        Assert.Equal("1", (await browser.Get("/who"))["count"]!.GetValue<string>());
        Assert.Equal("2", (await browser.Get("/who"))["count"]!.GetValue<string>());

        Assert.Equal(session["uuid"]!.GetValue<string>(), Assert.Single(await server.Api.Sessions($"user={user}"))!["uuid"]!.GetValue<string>());
    }

    [Fact]
    public async Task Renewals_of_a_ticket_that_ended_meanwhile_are_refused_and_bring_nothing_back()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = 0;
        await using var app = await StartCookies(AlwaysRenew, a => a.MapGet("/slow", async () =>
        {
            Interlocked.Increment(ref waiting);
            await gate.Task;
            return "private";
        }).RequireAuthorization());
        using var browser = app.NewVisitor();
        var user = Actions.NewUser();
        Assert.Null(await browser.SignIn(user));
        var requests = Enumerable.Range(0, 8).Select(_ => browser.Send(HttpMethod.Get, "/slow")).ToArray();
        await Poll.Until(() => Task.FromResult(Volatile.Read(ref waiting) == requests.Length));

        (await server.Api.Post($"/api/v3/users/{user}/sessions/revoke/")).Is(200);
        gate.SetResult();

        foreach (var answer in await Task.WhenAll(requests))
        {
            Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
            Assert.Equal("", await answer.Content.ReadAsStringAsync());
        }

        Assert.Empty(await server.Api.Sessions($"user={user}"));
        Assert.Empty((await browser.Get("/who")).AsObject());
    }

    [Fact]
    public async Task Without_the_server_a_cookie_app_answers_503()
    {
        using var folder = new TempFolder();
        await using var process = await ServerProcess.StartKind(folder.In("data"), ServerKind.OnSqlite);
        await using var app = await StartCookies(process: process);
        using var browser = app.NewVisitor();
        Assert.Null(await browser.SignIn(Actions.NewUser()));

        await process.Kill();

        var answer = await browser.Send(HttpMethod.Get, "/who");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    [Fact]
    public async Task Identity_signs_in_with_a_password_and_its_user_is_ended_from_outside()
    {
        await using var app = await TestApp.StartAny(
            services =>
            {
                AddClient(services, server.Process);
                services.AddSingleton<IUserStore<IdentityUser>, Users>();
                services.AddIdentityCore<IdentityUser>().AddSignInManager();
                services.AddAuthentication(IdentityConstants.ApplicationScheme).AddIdentityCookies();
                services.AddAuthentication().AddSessionClusterTicketStore(IdentityConstants.ApplicationScheme);
            },
            a =>
            {
                a.UseAuthentication();
                a.MapPost("/register", async (UserManager<IdentityUser> users, string name, string password) =>
                    (await users.CreateAsync(new IdentityUser(name), password)).Succeeded ? Results.Ok() : Results.BadRequest());
                a.MapPost("/password", async (SignInManager<IdentityUser> signIn, string name, string password) =>
                    (await signIn.PasswordSignInAsync(name, password, isPersistent: true, lockoutOnFailure: false)).Succeeded ? Results.Ok() : Results.Unauthorized());
                a.MapPost("/refresh", async (SignInManager<IdentityUser> signIn, HttpContext http) => await signIn.RefreshSignInAsync((await signIn.UserManager.GetUserAsync(http.User))!));
            });
        using var browser = app.NewVisitor();
        var name = "u" + Guid.NewGuid().ToString("N");
        Assert.Equal(HttpStatusCode.OK, (await browser.Send(HttpMethod.Post, $"/register?name={name}&password=Secret-1")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.Send(HttpMethod.Post, $"/password?name={name}&password=Wrong-1")).StatusCode);

        Assert.Equal(HttpStatusCode.OK, (await browser.Send(HttpMethod.Post, $"/password?name={name}&password=Secret-1")).StatusCode);

        var user = (await browser.Get("/who"))[ClaimTypes.NameIdentifier]!.GetValue<string>();
        Assert.Equal(200, await browser.Status("/secret"));
        using var thief = app.NewVisitor();
        thief.SetCookie(".AspNetCore.Identity.Application", browser.Cookie(".AspNetCore.Identity.Application")!);
        Assert.Equal(HttpStatusCode.OK, (await browser.Send(HttpMethod.Post, "/refresh")).StatusCode);
        Assert.Equal(200, await browser.Status("/secret"));
        Assert.Empty((await thief.Get("/who")).AsObject());
        (await server.Api.Post($"/api/v3/users/{user}/deactivate/")).Is(200);
        Assert.Empty((await browser.Get("/who")).AsObject());
    }

    private Task<TestApp> StartCookies(Action<CookieAuthenticationOptions>? cookies = null, Action<WebApplication>? use = null, ServerProcess? process = null) => TestApp.StartAny(
        services =>
        {
            AddClient(services, process ?? server.Process);
            services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme)
                .AddCookie(o => cookies?.Invoke(o))
                .AddSessionClusterTicketStore(CookieAuthenticationDefaults.AuthenticationScheme);
        },
        app =>
        {
            app.UseAuthentication();
            use?.Invoke(app);
        });

    private static void AlwaysRenew(CookieAuthenticationOptions options) => options.Events.OnCheckSlidingExpiration = context =>
    {
        context.ShouldRenew = true;
        return Task.CompletedTask;
    };

    private static void AddClient(IServiceCollection services, ServerProcess process) =>
        services.AddSessionClusterClient(o => (o.Address, o.ApiKey) = (process.Url, process.Api.Key));

    /// <summary>Identity's users, in memory.</summary>
    private sealed class Users : IUserPasswordStore<IdentityUser>
    {
        private readonly Dictionary<string, IdentityUser> _users = [];

        public Task<IdentityResult> CreateAsync(IdentityUser user, CancellationToken cancellationToken)
        {
            _users[user.Id] = user;
            return Task.FromResult(IdentityResult.Success);
        }

        public Task<IdentityResult> UpdateAsync(IdentityUser user, CancellationToken cancellationToken) => Task.FromResult(IdentityResult.Success);

        public Task<IdentityResult> DeleteAsync(IdentityUser user, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IdentityUser?> FindByIdAsync(string userId, CancellationToken cancellationToken) => Task.FromResult(_users.GetValueOrDefault(userId));

        public Task<IdentityUser?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) =>
            Task.FromResult(_users.Values.FirstOrDefault(user => user.NormalizedUserName == normalizedUserName));

        public Task<string> GetUserIdAsync(IdentityUser user, CancellationToken cancellationToken) => Task.FromResult(user.Id);

        public Task<string?> GetUserNameAsync(IdentityUser user, CancellationToken cancellationToken) => Task.FromResult(user.UserName);

        public Task<string?> GetNormalizedUserNameAsync(IdentityUser user, CancellationToken cancellationToken) => Task.FromResult(user.NormalizedUserName);

        public Task<string?> GetPasswordHashAsync(IdentityUser user, CancellationToken cancellationToken) => Task.FromResult(user.PasswordHash);

        public Task<bool> HasPasswordAsync(IdentityUser user, CancellationToken cancellationToken) => Task.FromResult(user.PasswordHash is not null);

        public Task SetUserNameAsync(IdentityUser user, string? userName, CancellationToken cancellationToken) => Set(() => user.UserName = userName);

        public Task SetNormalizedUserNameAsync(IdentityUser user, string? normalizedName, CancellationToken cancellationToken) => Set(() => user.NormalizedUserName = normalizedName);

        public Task SetPasswordHashAsync(IdentityUser user, string? passwordHash, CancellationToken cancellationToken) => Set(() => user.PasswordHash = passwordHash);

        public void Dispose()
        {
        }

        private static Task Set(Action set)
        {
            set();
            return Task.CompletedTask;
        }
    }
}
