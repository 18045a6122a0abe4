using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using SessionCluster.Client;

namespace SessionCluster.AspNetCore.Tests;

/// <summary>What an app does when a session was accepted or refused.</summary>
[Collection(nameof(SessionServer))]
public sealed class EventsTests(SessionServer server)
{
    [Fact]
    public async Task A_role_that_the_app_adds_to_an_accepted_session_counts()
    {
        await using var app = await TestApp.Start(server, o => o.Events.OnAccepted = context =>
        {
            Assert.Equal(SessionStatus.Active, context.Check.Status);
            context.Principal.AddIdentity(new ClaimsIdentity([new Claim(ClaimTypes.Role, "admin")]));
            return Task.CompletedTask;
        });
        using var browser = app.NewVisitor();
        Assert.Null(await browser.SignIn(Actions.NewUser()));

        Assert.Equal(200, await browser.Status("/admin"));
    }

    [Fact]
    public async Task A_principal_that_the_app_puts_in_place_of_an_accepted_ones_counts()
    {
        await using var app = await TestApp.Start(server, o => o.Events.OnAccepted = context =>
        {
            context.Principal = new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", "somebody else")], "other"));
            return Task.CompletedTask;
        });
        using var browser = app.NewVisitor();
        Assert.Null(await browser.SignIn(Actions.NewUser()));

        Assert.Equal("somebody else", (await browser.Get("/who"))["sub"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_class_of_events_of_the_apps_own_is_asked()
    {
        var told = new OwnEvents();
        await using var app = await TestApp.StartAny(
            services => services.AddSingleton(told).AddAuthentication(SessionClusterDefaults.AuthenticationScheme)
                .AddSessionCluster(o => (o.Address, o.ApiKey, o.EventsType) = (server.Process.Url, server.Api.Key, typeof(OwnEvents))),
            a => a.UseAuthentication());
        using var browser = app.NewVisitor();
        Assert.Null(await browser.SignIn(Actions.NewUser()));
        var token = browser.Cookie("sessioncluster_session")!;
        (await server.Api.Post("/api/v3/sessions/revoke/", $$"""{"token": "{{token}}"}""")).Is(200);

        Assert.Equal(401, await browser.Status("/secret"));

        Assert.Equal([SessionStatus.Revoked], told.Refusals);
    }

    private sealed class OwnEvents : SessionClusterEvents
    {
        public List<SessionStatus> Refusals { get; } = [];

        public override Task Refused(RefusedContext context)
        {
            Refusals.Add(context.Reason);
            return base.Refused(context);
        }
    }
}
