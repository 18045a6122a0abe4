using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using SessionCluster.Bench.AspNetTicketStore;

// ASP.NET Core's own cookie authentication. Settings: urls, store=postgresql|redis|sessioncluster|none, database, redis, session.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
var session = SessionTemplate.Read(builder.Configuration["session"]!);
var store = await OpenStoreAsync(builder.Configuration);

builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
var authentication = builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(cookie =>
{
    cookie.SessionStore = store;
    cookie.SlidingExpiration = false; // A check then only reads.
    cookie.ExpireTimeSpan = TimeSpan.FromDays(1);
    cookie.Events.OnRedirectToLogin = context =>
    {
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    };
});
if (builder.Configuration["store"] == "sessioncluster")
{
    authentication.AddSessionClusterTicketStore(CookieAuthenticationDefaults.AuthenticationScheme);
}

builder.Services.AddAuthorization();

var app = builder.Build();
app.UseAuthentication();
app.UseAuthorization();

app.MapPost("/login", async (HttpContext context) =>
{
    using var body = await JsonDocument.ParseAsync(context.Request.Body, default, context.RequestAborted);
    var user = body.RootElement.GetProperty("pending_user");
    var json = session.Fill(body.RootElement);
    var identity = new ClaimsIdentity(
        [
            new Claim(ClaimTypes.NameIdentifier, user.GetProperty("pk").GetString()!),
            new Claim(ClaimTypes.Name, user.GetProperty("username").GetString()!),
            new Claim(SessionTemplate.Claim, json),
        ],
        CookieAuthenticationDefaults.AuthenticationScheme);
    await context.SignInAsync(new ClaimsPrincipal(identity), new AuthenticationProperties { IsPersistent = true });
    return Results.Text(json, "application/json");
});

// The user's facts are read from the ticket, so nothing is asked beyond the one read of it.
app.MapGet("/session", (HttpContext context) => Results.Text(context.User.FindFirstValue(SessionTemplate.Claim)!, "application/json"))
    .RequireAuthorization();

app.MapPost("/logout", async (HttpContext context) => await context.SignOutAsync()).RequireAuthorization();

await app.RunAsync();

static async Task<ITicketStore?> OpenStoreAsync(IConfiguration settings) => settings["store"] switch
{
    "postgresql" => await PostgresTicketStore.OpenAsync(settings["database"]!),
    "redis" => new RedisTicketStore(await RedisConnection.OpenAsync("127.0.0.1", settings.GetValue<int>("redis"))),
    "none" or "sessioncluster" => null,
    var other => throw new InvalidOperationException($"store={other}: choose postgresql, redis, sessioncluster or none."),
};
