namespace SessionCluster.Api.Pages.Console;

/// <summary>The form that takes an api key.</summary>
/// <param name="Fault">What is wrong with the key that was typed; null for nothing.</param>
/// <param name="Notice">What happened to what was sent; null for nothing.</param>
public sealed record SignInModel(string? Fault, string? Notice, Frame Frame) : IPageModel;

/// <summary>
/// Lets operators to the console's pages: an api key, typed once, becomes a cookie. All others get the form that asks for it; who lacks a role,
/// a page that says so.
/// </summary>
internal sealed class ConsoleGate(KeyMaterial keys, ConsoleCookie cookie, IOptions<PageOptions> options)
{
    /// <summary>The console's first page.</summary>
    public const string Home = "/admin/";

    // What a sign-in leads on with, so that a browser that comes without the cookie is told why it is asked again.
    private const string Arrived = "signed-in";

    private const Roles Any = Roles.Read | Roles.Manage;

    /// <summary>Guards a page that keys with one of the roles may see.</summary>
    public Func<HttpContext, Caller, Task> Of(Roles roles, Func<HttpContext, ApiKey, Task> page) => (context, _) => Enter(context, roles, page);

    /// <summary><c>POST /admin/signin/</c>.</summary>
    public async Task SignIn(HttpContext context, Caller caller)
    {
        var typed = (await FormFields.Read(context)).One("key")?.Trim() ?? "";
        if (keys.ApiKeys.Find(typed) is not { } key)
        {
            RefusalLog.Note(context, RefusalLog.WrongCredentials);
            await Ask(context, StatusCodes.Status401Unauthorized, "This key is not known. Look whether it was copied whole.", null);
        }
        else if ((key.Roles & Any) == Roles.None)
        {
            RefusalLog.Note(context, RefusalLog.Forbidden);
            await Ask(context, StatusCodes.Status403Forbidden, "This key may neither read nor manage.", null);
        }
        else
        {
            context.Response.Headers.Append("Set-Cookie", cookie.Issue(key));
            PageWriter.See(context, Home + "?" + Arrived);
        }
    }

    /// <summary><c>POST /admin/signout/</c>.</summary>
    public async Task SignOut(HttpContext context, Caller caller)
    {
        context.Response.Headers.Append("Set-Cookie", await cookie.End(context));
        PageWriter.See(context, Home);
    }

    public Frame FrameOf(ApiKey key, string title, ConsolePlace place) => new(title)
    {
        Brand = options.Value.Brand,
        Area = "Console",
        Place = place,
        Who = key.Name,
        WhoElse = string.Join(", ", new[] { Roles.Read, Roles.Manage }.Where(role => key.Roles.HasFlag(role)).Select(role => role.ToString().ToLowerInvariant())),
        SignOut = Home + "signout/",
        CanRead = key.Roles.HasFlag(Roles.Read),
        CanManage = key.Roles.HasFlag(Roles.Manage),
        IsLive = true,
    };

    private async Task Enter(HttpContext context, Roles roles, Func<HttpContext, ApiKey, Task> page)
    {
        var hasArrived = context.Request.QueryString.Value == "?" + Arrived;
        if (await cookie.Read(context) is not { } key)
        {
            var notice = HttpMethods.IsPost(context.Request.Method) ? "You were signed out meanwhile. Nothing was changed; sign in and send it again."
                : hasArrived && !cookie.IsIn(context) ? "Your browser did not keep the cookie. Allow cookies for this server and sign in again."
                : null;
            await Ask(context, StatusCodes.Status401Unauthorized, null, notice);
        }
        else if (hasArrived)
        {
            // Without the mark, which would be wrong an hour later.
            PageWriter.See(context, Home);
        }
        else if ((key.Roles & roles) == Roles.None)
        {
            RefusalLog.Note(context, RefusalLog.Forbidden);
            var role = roles.HasFlag(Roles.Read) ? "read" : "manage";
            await ErrorPage.Write(
                context, StatusCodes.Status403Forbidden, "You may not see this", $"Your key has not the role {role}. Nothing was changed.", (Home, "Overview"), ("/", "Start page"));
        }
        else
        {
            await page(context, key);
        }
    }

    private Task Ask(HttpContext context, int status, string? fault, string? notice) => PageWriter.Write(
        context, Console.SignIn.Create(new SignInModel(fault, notice, new Frame(fault is null ? "Console" : "Error: Console") { Brand = options.Value.Brand, Content = "centre" })), status);
}
