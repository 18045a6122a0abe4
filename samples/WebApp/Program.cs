using Microsoft.AspNetCore.Authentication;
using SessionCluster.AspNetCore;
using SessionCluster.Client;
using WebApp;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddAuthentication(SessionClusterDefaults.AuthenticationScheme).AddSessionCluster();
builder.Services.AddAuthorization();
builder.Services.AddHealthChecks().AddSessionCluster();

var app = builder.Build();
app.UseStaticFiles();
app.UseAuthentication();
app.UseAuthorization();
app.MapSessionCluster("/account");
app.MapHealthChecks("/health");

app.MapGet("/", (HttpContext http) => Pages.Home(http));
app.MapGet("/login", (HttpContext http) => Pages.Login(http));
app.MapPost("/login", async (HttpContext http) =>
{
    if (!Pages.IsOwn(http.Request))
    {
        return Results.StatusCode(StatusCodes.Status403Forbidden);
    }

    var form = await http.Request.ReadFormAsync();
    if (DemoUsers.Find(form["username"].ToString(), form["password"].ToString()) is not { } user)
    {
        return Pages.Login(http, "The name or the password is wrong.");
    }

    try
    {
        await http.SignInAsync(user, new AuthenticationProperties { IsPersistent = form["remember"] == "yes" });
    }
    catch (SessionClusterSignInException)
    {
        return Pages.Login(http, "You may not sign in.");
    }

    return Results.LocalRedirect(Pages.ReturnUrl(http.Request));
});
app.MapGet("/diary", (HttpContext http) => Pages.Diary(http)).RequireAuthorization();
app.MapGet("/sessions", async (HttpContext http, ISessionClusterClient sessions) =>
{
    var session = await http.AuthenticateAsync();
    return Pages.Sessions(http, await sessions.ListSessionsAsync(http.User.FindFirst("sub")!.Value, http.RequestAborted), session.Properties!.Session());
}).RequireAuthorization();
app.Run();
