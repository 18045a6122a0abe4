using SessionCluster.Api.Pages.Account;

namespace SessionCluster.Api.Pages.NotMe;

/// <summary>A login of which somebody says that it was not theirs.</summary>
/// <param name="User">Whose account it is.</param>
/// <param name="Place">Its place; empty when unknown.</param>
public sealed record NotMeLogin(UserFacts User, DateTimeOffset At, string? Ip, DeviceWords Device, string Place)
{
    public static NotMeLogin Of(EventFacts facts) =>
        new(facts.Event.User, facts.Event.Created, facts.Event.ClientIp, DeviceWords.Of(facts.UserAgent), PlaceWords.Of(facts.Geo, ""));

    public static NotMeLogin Of(SessionInfo session) =>
        new(session.User, session.Created, session.LastIp, DeviceWords.Of(session.LastUserAgent), PlaceWords.Of(session.Geo, ""));
}

/// <summary>The model of the page that asks.</summary>
/// <param name="Action">Where the form leads.</param>
/// <param name="Code">The signed code of the link, which the form sends; null where a session cookie says who asks.</param>
public sealed record NotMeModel(NotMeLogin Login, string Action, string? Code, Frame Frame) : IPageModel;

/// <summary>The model of the page that shows the receipt.</summary>
/// <param name="Receipt">What the link ended.</param>
/// <param name="WasUsed">Whether it did so at an earlier click, and this one changed nothing.</param>
/// <param name="LoginUrl">Where to sign in again; null when that is not known here.</param>
public sealed record NotMeDoneModel(Receipt Receipt, bool WasUsed, string? LoginUrl, Frame Frame) : IPageModel;

/// <summary>
/// <c>/account/not-me/</c>: where the link in a mail about a login leads. Opening it changes nothing, since scanners of mails open links;
/// the click on its button ends all sessions of the user and forgets the device, in one commit. The signed code is all that it takes, and it
/// counts once: the same commit notes it for as long as it could serve, and whoever opens or sends it later is told so, and changes nothing.
/// A signed-in person has the same two pages without a code.
/// </summary>
internal sealed class NotMePages(
    MailLinks links, IGrainFactory grains, CommitThenTell commits, ConnectionClient connection, AccountGate gate, IOptions<PageOptions> options, TimeProvider time)
{
    public async Task Get(HttpContext context, Caller caller)
    {
        var code = context.Request.Query["code"].ToString();
        if (await Find(context, code) is not { } entry)
        {
            await Refuse(context);
        }
        else if (await commits.FindReceipt(entry.User.Id, KeyOf(entry)) is { } receipt)
        {
            await Show(context, receipt, wasUsed: true);
        }
        else
        {
            await AskAbout(context, NotMeLogin.Of(new EventFacts(entry)), MailLinks.Path, code);
        }
    }

    public async Task Post(HttpContext context, Caller caller)
    {
        var fields = await FormFields.Read(context);
        if (fields.One("code") is not { } code || await Find(context, code) is not { } entry)
        {
            await Refuse(context);
            return;
        }

        await End(context, NotMeLogin.Of(new EventFacts(entry)), KeyOf(entry));
    }

    /// <summary>Asks whether a login was the person's own, and says what the button does.</summary>
    public Task AskAbout(HttpContext context, NotMeLogin login, string action, string? code = null) =>
        PageWriter.Write(context, Ask.Create(new NotMeModel(login, action, code, FrameOf("Was this you?"))));

    /// <summary>Ends all sessions of the login's user and forgets its device, and shows the receipt.</summary>
    /// <param name="once">The key by which it counts once; null where a session says who asks.</param>
    /// <param name="setCookie">What removes that session's cookie, once it has ended.</param>
    public async Task End(HttpContext context, NotMeLogin login, Idempotency? once = null, string? setCookie = null)
    {
        var command = new EndCommand(Sessions: null, EndReason.RevokedByOwner, ReasonText: "This was not me", Client: connection.Facts(context), Idempotency: once, ForgetDevicesOf: login.At);
        var (receipt, wasUsed) = await commits.EndOnce(login.User.Id, command);
        if (setCookie is not null)
        {
            context.Response.Headers.Append("Set-Cookie", setCookie);
        }

        await (receipt is null ? Refuse(context) : Show(context, receipt, wasUsed));
    }

    private static Idempotency KeyOf(EventInfo entry) =>
        new(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"not-me\n{entry.Pk:N}"))), "", Once: true);

    private Task Show(HttpContext context, Receipt receipt, bool wasUsed) => PageWriter.Write(
        context, Done.Create(new NotMeDoneModel(receipt, wasUsed, gate.LoginUrl(), FrameOf(wasUsed ? "This link was used already" : "All sessions have ended"))));

    /// <summary>The login of a code that still serves; null for any other code.</summary>
    private async Task<EventInfo?> Find(HttpContext context, string code)
    {
        if (links.Read(code) is not { } pk)
        {
            RefusalLog.Note(context, RefusalLog.MalformedCode);
            return null;
        }

        var entry = await grains.EventLog().Find(pk);
        return entry is { Action: EventActions.Login } && time.GetUtcNow() < entry.Created + MailLinks.Lifetime ? entry : null;
    }

    private Frame FrameOf(string title) => new(title) { Brand = options.Value.Brand, Area = "Your sessions", Content = "centre" };

    private static Task Refuse(HttpContext context) => ErrorPage.Write(
        context, StatusCodes.Status404NotFound, "This link does not serve any more",
        "It is good for 24 hours after the login that the mail was about. Sign in, and end sessions that are not yours there.");
}

/// <summary>The page behind the link of a mail.</summary>
internal static class NotMeRoutes
{
    public static IServiceCollection AddNotMe(this IServiceCollection services) => services.AddSingleton<NotMePages>();

    public static void MapNotMe(this Routes routes)
    {
        var pages = routes.Services.GetRequiredService<NotMePages>();
        routes.Page(MailLinks.Path, pages.Get);
        routes.PageForm(MailLinks.Path, pages.Post);
    }
}
