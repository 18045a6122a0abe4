namespace SessionCluster.Api.Pages.Account;

/// <summary>
/// Lets the person of a live session to their pages, by the session cookie alone. All others get a page that says what is the matter: to sign
/// in, or why they were signed out.
/// </summary>
internal sealed class AccountGate(
    CredentialReader credentials, EdgeChecks checks, ConnectionClient connection, IGrainFactory grains, PublicSite site, IOptions<PageOptions> options)
{
    private const string Here = "/account/sessions/";

    public Func<HttpContext, Caller, Task> Of(Func<HttpContext, SessionInfo, Task> page) => (context, _) => Enter(context, page);

    private async Task Enter(HttpContext context, Func<HttpContext, SessionInfo, Task> page)
    {
        var credential = credentials.ReadCookie(context);
        if (credential.Kind != CredentialKind.Session)
        {
            await SignInFirst(context);
            return;
        }

        var check = await checks.Ask(credential.Session, connection.FactsOfUse(context));
        await (check.IsActive ? page(context, check.Session) : Ended(context, credential.Session, check));
    }

    private Task SignInFirst(HttpContext context) => LoginUrl() is { } login
        ? ErrorPage.Write(context, StatusCodes.Status401Unauthorized, "Sign in first", "To see your sessions, sign in.", (login, "Sign in"), ("/", "Start page"))
        : ErrorPage.Write(context, StatusCodes.Status401Unauthorized, "Sign in first", "To see your sessions, sign in at the application that you use, and come back here.", ("/", "Start page"));

    private async Task Ended(HttpContext context, SessionId session, ValidateResult check)
    {
        var ending = (await grains.EventsOf(session)).Find(entry => entry.Event.Action == EventActions.Logout);
        var words = EndingWords.Of(ending?.StandardReason, check.Status, ending?.Binding ?? check.Binding?.Reason);
        var model = new EndedModel(
            words, ending?.Event.Created, session, LoginUrl(), new Frame("You were signed out") { Brand = options.Value.Brand, Content = "centre" });
        await PageWriter.Write(context, Account.Ended.Create(model), StatusCodes.Status401Unauthorized);
    }

    /// <summary>Where to sign in; null when that is not known here.</summary>
    // A login at another origin leads back only to where it may; its own default is better than an address that it refuses.
    internal string? LoginUrl()
    {
        var login = site.Options.LoginUrl;
        return !site.Options.HasLogin ? null
            : RedirectRule.IsPath(login) ? LoginRedirect.With(login, "next", Here)
            : login;
    }
}
