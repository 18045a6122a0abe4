using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace SessionCluster.AspNetCore;

/// <summary>What a signed-in person does with their own sessions. A form is answered with a redirect, a script with JSON.</summary>
/// <param name="scheme">The scheme of the person's session; null for the app's default.</param>
internal sealed class AccountEndpoints(string? scheme)
{
    /// <summary>How long a stream of events is silent at most, so that a closed tab is noticed.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    public async Task List(HttpContext context)
    {
        if (await Who(context) is { } who)
        {
            var sessions = await Client(context).ListSessionsAsync(who.User, context.RequestAborted);
            OwnSession[] own = [.. sessions.Select(session => new OwnSession(session, session.Uuid == who.Session))];
            await Json(context, own);
        }
    }

    public Task EndOne(HttpContext context) => Change(context, async who =>
        Guid.TryParse(context.Request.RouteValues["uuid"] as string, out var session) && await Client(context).EndSessionAsync(who.User, session, context.RequestAborted)
            ? new EndedSession(session)
            : null);

    public Task EndOthers(HttpContext context) =>
        Change(context, async who => await Client(context).EndSessionsAsync(who.User, who.Session, cancellationToken: context.RequestAborted));

    public Task Logout(HttpContext context) => Change(context, async who =>
    {
        await context.SignOutAsync(who.Scheme);
        return new EndedSession(who.Session);
    });

    /// <summary>
    /// Server-sent events of this one session: <c>ended</c> with the reason, then the stream is over. A page may name its session in the query
    /// (<c>session</c>): for it the session is over when the browser has another.
    /// </summary>
    public async Task Events(HttpContext context)
    {
        var result = await context.AuthenticateAsync(scheme);
        if (context.Response.HasStarted || context.Response.StatusCode == StatusCodes.Status503ServiceUnavailable)
        {
            return;
        }

        if (context.Items[Unavailable.Item] is SessionClusterUnavailableException unavailable)
        {
            // Nothing is known of the session: the tab is not told that it has ended.
            Unavailable.Answer(context.Response, unavailable);
            return;
        }

        context.Response.ContentType = "text/event-stream";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        Unavailable.NotCached(context.Response);
        await context.Response.WriteAsync(": session\n\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted, context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        try
        {
            var reason = Person.Of(result) is { } who && IsNamed(context.Request, who.Session) ? await WaitFor(context, who, over.Token) : "";
            // Without a word the tab asks again, and hears whether its session is over.
            await (reason is null ? Task.CompletedTask : context.Response.WriteAsync($"event: ended\ndata: {JsonSerializer.Serialize(new EndedReason(reason), AccountJson.Default.EndedReason)}\n\n", over.Token));
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The tab is gone, or the app stops: it does not wait for its tabs.
        }
    }

    private static bool IsNamed(HttpRequest request, Guid session) =>
        request.Query["session"].ToString() is not { Length: > 0 } named || (Guid.TryParse(named, out var uuid) && uuid == session);

    private static async Task<string?> WaitFor(HttpContext context, Person who, CancellationToken over)
    {
        var time = context.RequestServices.GetRequiredService<TimeProvider>();
        var ended = context.RequestServices.GetRequiredService<EndingFeed>().Wait(who.Session, IsLive, over);
        while (await Task.WhenAny(ended, Task.Delay(Heartbeat, time, over)) != ended)
        {
            over.ThrowIfCancellationRequested();
            await context.Response.WriteAsync(": alive\n\n", over);
            await context.Response.Body.FlushAsync(over);
        }

        var reason = await ended;
        return reason is { Length: > 0 } && !await Holds(context, who, over) ? null : reason;

        async Task<bool> IsLive() => (await Client(context).ListSessionsAsync(who.User, over)).Any(session => session.Uuid == who.Session);
    }

    /// <summary>
    /// Waits until the ending holds everywhere, as the answer to a second ending does: a login page that a tab came to before could still
    /// take it for signed in, and lead it back. False when that cannot be asked.
    /// </summary>
    private static async Task<bool> Holds(HttpContext context, Person who, CancellationToken over)
    {
        try
        {
            await Client(context).EndSessionAsync(who.User, who.Session, over);
            return true;
        }
        catch (SessionClusterRequestException)
        {
            // The app's key may not: the tab hears what is known.
            return true;
        }
        catch (SessionClusterUnavailableException)
        {
            return false;
        }
    }

    private async Task Change(HttpContext context, Func<Person, Task<object?>> change)
    {
        if (!Browser.IsSameOrigin(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        var back = await Back(context);
        if (await Who(context, back) is not { } who)
        {
            return;
        }

        var done = await change(who);
        if (context.Request.HasFormContentType)
        {
            context.Response.StatusCode = StatusCodes.Status303SeeOther;
            context.Response.Headers.Location = back;
        }
        else if (done is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
        else
        {
            await Json(context, done);
        }
    }

    /// <summary>Where a change leads to, as a header can say it: within the app, to what the form says, else to the first page.</summary>
    private static async Task<string> Back(HttpContext context)
    {
        var wanted = context.Request.HasFormContentType ? (await context.Request.ReadFormAsync(context.RequestAborted))["returnUrl"].ToString() : "";
        return IsLocal(wanted)
            ? string.Concat(wanted.EnumerateRunes().Select(rune => rune.IsAscii && rune.Value > ' ' ? rune.ToString() : Uri.EscapeDataString(rune.ToString())))
            : context.Request.PathBase + "/";
    }

    /// <summary>Who asks; null when nobody is signed in, which has then been answered.</summary>
    /// <param name="context">The request.</param>
    /// <param name="back">Where a login leads to then; null for this very address, which has a page only where nothing is changed.</param>
    private async Task<Person?> Who(HttpContext context, string? back = null)
    {
        var person = Person.Of(await context.AuthenticateAsync(scheme));
        if (person is null && context.Items[Unavailable.Item] is SessionClusterUnavailableException gone)
        {
            // The app may have let somebody in by itself meanwhile: of their session nothing is known.
            Unavailable.Answer(context.Response, gone);
        }
        else if (person is null)
        {
            await context.ChallengeAsync(scheme, new AuthenticationProperties { RedirectUri = back });
        }

        return person;
    }

    private static Task Json(HttpContext context, object value)
    {
        Unavailable.NotCached(context.Response);
        return context.Response.WriteAsJsonAsync(value, value.GetType(), AccountJson.Default, cancellationToken: context.RequestAborted);
    }

    private static bool IsLocal(string url) =>
        url is ['/', ..] && (url.Length == 1 || url[1] is not ('/' or '\\')) && !url.Any(char.IsControl);

    private static ISessionClusterClient Client(HttpContext context) => context.RequestServices.GetRequiredService<ISessionClusterClient>();

    /// <summary>A signed-in person: of the scheme itself, or of a cookie scheme whose tickets are with the server.</summary>
    private sealed record Person(string User, Guid Session, string Scheme)
    {
        public static Person? Of(AuthenticateResult result)
        {
            if (!result.Succeeded || SessionPrincipal.Key(result.Principal) is not { } user)
            {
                return null;
            }

            // Only the properties say which session it is: a claim may be of an identity provider, and so may the ticket's scheme.
            return result.Properties.Session() is { } known
                ? new Person(user, known, result.Properties.GetString(SessionClusterTicketStore.SchemeItem) ?? result.Ticket.AuthenticationScheme)
                : null;
        }
    }
}

/// <summary>One of the person's own sessions.</summary>
internal sealed record OwnSession(
    Guid Uuid, bool Current, DateTimeOffset Created, DateTimeOffset Expires, DateTimeOffset LastUsed, string LastIp, string LastUserAgent, bool KnownDevice)
{
    public OwnSession(Session session, bool current)
        : this(session.Uuid, current, session.Created, session.Expires, session.LastUsed, session.LastIp, session.LastUserAgent, session.KnownDevice)
    {
    }
}

/// <summary>The session that was ended.</summary>
internal sealed record EndedSession(Guid Ended);

/// <summary>Why a session has ended.</summary>
internal sealed record EndedReason(string Reason);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(OwnSession[]))]
[JsonSerializable(typeof(EndedSession))]
[JsonSerializable(typeof(EndedReason))]
[JsonSerializable(typeof(Receipt))]
internal sealed partial class AccountJson : JsonSerializerContext;
