using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SessionCluster.Api.Alerts;
using SessionCluster.Api.Callers;
using SessionCluster.Api.Clients;
using SessionCluster.Api.Flows;
using SessionCluster.Api.Hosting;
using SessionCluster.Api.Problems;
using SessionCluster.Api.Sessions;
using SessionCluster.Api.UserAgents;

namespace SessionCluster.Api.Pages.NotMe;

/// <summary>The model of the page that asks.</summary>
/// <param name="Code">The signed code of the link, which the form sends.</param>
/// <param name="Browser">The browser of the login.</param>
/// <param name="Place">Its place; empty when unknown.</param>
/// <param name="Entry">The login's event.</param>
/// <param name="Now">The moment.</param>
/// <param name="Frame">What stands around it.</param>
public sealed record NotMeLinkModel(string Code, string Browser, string Place, EventInfo Entry, DateTimeOffset Now, Frame Frame) : IPageModel;

/// <summary>The model of the page that shows the receipt.</summary>
/// <param name="Receipt">What the link ended.</param>
/// <param name="WasUsed">Whether it did so at an earlier click, and this one changed nothing.</param>
/// <param name="Frame">What stands around it.</param>
public sealed record NotMeDoneModel(Receipt Receipt, bool WasUsed, Frame Frame) : IPageModel;

/// <summary>
/// <c>/account/not-me/</c>: where the link in a mail about a login leads. Opening it changes nothing, since scanners of mails open links;
/// the click on its button ends all sessions of the user and forgets the device, in one commit. The signed code is all that it takes, and it
/// counts once: the same commit notes it for as long as it could serve, and whoever opens or sends it later is told so, and changes nothing.
/// </summary>
internal sealed class NotMePages(
    NotMeLinks links, CsrfRule csrf, IGrainFactory grains, CommitThenTell commits, ConnectionClient connection, IOptions<PageOptions> options, TimeProvider time)
{
    private const string Title = "Was this you?";

    private static readonly UserAgentParser Parser = new();

    public async Task Get(HttpContext context, Caller caller)
    {
        var code = context.Request.Query["code"].ToString();
        if (await Find(code) is not { } entry)
        {
            await Refuse(context);
        }
        else if (await commits.FindReceipt(entry.User.Id, KeyOf(entry)) is { } receipt)
        {
            await Show(context, receipt, wasUsed: true);
        }
        else
        {
            await PageWriter.Write(context, Ask.Create(ModelOf(code, entry)));
        }
    }

    public async Task Post(HttpContext context, Caller caller)
    {
        if (!csrf.Accepts(context.Request))
        {
            // The click is to happen on our page, where it is read what it does.
            await ErrorPage.Write(context, Problem.Csrf);
            return;
        }

        var fields = await FormFields.Read(context);
        if (fields.One("code") is not { } code || await Find(code) is not { } entry)
        {
            await Refuse(context);
            return;
        }

        var command = new EndCommand(
            null, null, EndReason.RevokedByOwner, "This was not me", connection.Facts(context), null, KeyOf(entry), null, entry.Created);
        var (receipt, wasUsed) = await commits.EndOnce(entry.User.Id, command);
        await (receipt is null ? Refuse(context) : Show(context, receipt, wasUsed));
    }

    private static Idempotency KeyOf(EventInfo entry) =>
        new(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"not-me\n{entry.Pk:N}"))), "", Once: true);

    private Task Show(HttpContext context, Receipt receipt, bool wasUsed) => PageWriter.Write(
        context, Done.Create(new NotMeDoneModel(receipt, wasUsed, FrameOf(wasUsed ? "This link was used already" : "All sessions have ended"))));

    /// <summary>The login of a code that still serves; null for any other code.</summary>
    private async Task<EventInfo?> Find(string code)
    {
        var entry = links.Read(code) is { } pk ? await grains.GetGrain<IEventListGrain>(IEventListGrain.KeyFor(ReaderShards.Pick())).Find(pk) : null;
        return entry is { Action: EventActions.Login } && time.GetUtcNow() < entry.Created + NotMeLinks.Lifetime ? entry : null;
    }

    private NotMeLinkModel ModelOf(string code, EventInfo entry)
    {
        using var fields = new EventFields(entry);
        var agent = Parser.Parse(fields.ContextText("http_request", "user_agent"));
        var place = string.Join(", ", new[] { fields.ContextText("geo", "city"), fields.ContextText("geo", "country") }.Where(part => part is { Length: > 0 }));
        return new NotMeLinkModel(code, $"{agent.UserAgent.Family} on {agent.Os.Family}", place, entry, time.GetUtcNow(), FrameOf(Title));
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
        routes.Page(NotMeLinks.Path, pages.Get);
        routes.PageForm(NotMeLinks.Path, pages.Post);
    }
}
