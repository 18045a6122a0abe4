using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace SessionCluster.AspNetCore;

/// <summary>
/// Keeps the tickets of a cookie scheme as the data of sessions: the key in the cookie is the session's token. The server alone ends
/// sessions; a ticket of an ended one is never written again.
/// </summary>
internal sealed class SessionClusterTicketStore(ISessionClusterClient client, IOptionsMonitor<SessionClusterTicketStoreOptions> options, string scheme) : ITicketStore
{
    /// <summary>
    /// Under this item the properties of a session, of the scheme or in a ticket, say which one it is. Those of a sign-in may have it, too: an
    /// app may pass on those of the session before.
    /// </summary>
    public const string SessionItem = ".sessioncluster.session";

    /// <summary>
    /// Under this item they say whose scheme it is that ends it. A ticket does not: that of an identity provider, as the default scheme, gives
    /// the ticket of the scheme it signs in to under its own name.
    /// </summary>
    public const string SchemeItem = ".sessioncluster.scheme";

    private const string NewKeyItem = ".sessioncluster.newkey";

    private static readonly BrowserCookies Devices = new(new CookieBuilder());

    public Task<string> StoreAsync(AuthenticationTicket ticket, HttpContext httpContext, CancellationToken cancellationToken) =>
        Login(ticket, httpContext, previous: null, before: null, cancellationToken);

    /// <summary>
    /// Writes a ticket again: that of the same session when it is renewed, and a new session when somebody signs in over an old one; the cookie
    /// handler asks for both here. The request of a session that has ended meanwhile fails: the handler asks for the renewal when the answer
    /// begins, and all that is left then is an empty 500.
    /// </summary>
    public async Task RenewAsync(string key, AuthenticationTicket ticket, HttpContext httpContext, CancellationToken cancellationToken)
    {
        var current = Current(key, httpContext);
        if (current != key || !IsRenewal(key, ticket, httpContext))
        {
            var before = GoesOn(key, ticket, httpContext) ? await SessionPrincipal.RequireLive(client, current, httpContext) : null;
            var token = await Login(ticket, httpContext, previous: current, before, cancellationToken);
            httpContext.Items[NewKeyOf(key)] = token;
            NewKeyCookies.Use(httpContext, token);
        }
        else if (!await Guarded(ticket, data => client.SetDataAsync(key, data, cancellationToken)))
        {
            throw new InvalidOperationException("The session of this request ended while it ran: its answer is not sent.");
        }
    }

    public async Task<AuthenticationTicket?> RetrieveAsync(string key, HttpContext httpContext, CancellationToken cancellationToken)
    {
        var check = await client.ValidateAsync(key, Browser.Facts(httpContext), cancellationToken);
        if (!check.IsActive || Read(check.Data) is not { } ticket)
        {
            return null;
        }

        var session = check.Session!.Uuid.ToString();
        ticket.Properties.Items[SessionItem] = session;
        ticket.Properties.Items[SchemeItem] = scheme;
        var read = new ReadTicket(check.Session.User, session, ticket.Properties);
        httpContext.Items[ReadOf(key)] = read;
        if (!httpContext.Response.HasStarted)
        {
            // What is registered last is called first, so before the handler's own renewal.
            httpContext.Response.OnStarting(static begun => ((ReadTicket)begun).Begin(), read);
        }

        return ticket;
    }

    public Task RemoveAsync(string key, HttpContext httpContext, CancellationToken cancellationToken)
    {
        // A sign-in that comes after the app's own sign-out goes on with nothing, whatever its properties are.
        httpContext.Items.Remove(ReadOf(key));
        return client.RevokeAsync(Current(key, httpContext), Browser.Facts(httpContext), cancellationToken: cancellationToken);
    }

    // A session is bound to the request's address: without the request there is none.
    public Task<string> StoreAsync(AuthenticationTicket ticket) => throw NeedsRequest();

    public Task RenewAsync(string key, AuthenticationTicket ticket) => throw NeedsRequest();

    public Task<AuthenticationTicket?> RetrieveAsync(string key) => throw NeedsRequest();

    public Task RemoveAsync(string key) => throw NeedsRequest();

    private static NotSupportedException NeedsRequest() => new("Call the overload with the HttpContext: a session is bound to where the request comes from.");

    /// <summary>
    /// Whether the handler writes the ticket of this very session again, and nobody signs in. It does so when the answer begins. An app may
    /// sign somebody in even then; so the ticket must also be of the session and its user, in the copy that the handler makes. In doubt it is a
    /// sign-in, which takes a new key.
    /// </summary>
    private static bool IsRenewal(string key, AuthenticationTicket ticket, HttpContext context) =>
        context.Items.TryGetValue(ReadOf(key), out var item) && item is ReadTicket { HasBegun: true } read
        && ticket.Properties.GetString(SessionItem) == read.Session
        && read.User == SessionPrincipal.Key(ticket.Principal) && !ReferenceEquals(read.Properties, ticket.Properties);

    /// <summary>
    /// Whether a sign-in has the properties of the session, or a copy of them, and so goes on with it, as after a change of password.
    /// </summary>
    private static bool GoesOn(string key, AuthenticationTicket ticket, HttpContext context) =>
        context.Items.TryGetValue(ReadOf(key), out var item) && item is ReadTicket read
        && (ReferenceEquals(read.Properties, ticket.Properties) || read.Session == ticket.Properties.GetString(SessionItem));

    /// <summary>
    /// The key of the browser's session: that of the last sign-in of this request over the key that came with it. The cookie handler goes on
    /// with the old one.
    /// </summary>
    private static string Current(string key, HttpContext context) => context.Items.TryGetValue(NewKeyOf(key), out var token) ? (string)token! : key;

    private static (string Item, string Key) NewKeyOf(string key) => (NewKeyItem, key);

    private static (string Item, string Key) ReadOf(string key) => (SessionItem, key);

    private Task<string> Login(AuthenticationTicket ticket, HttpContext context, string? previous, Session? before, CancellationToken cancellationToken) =>
        Guarded(ticket, async data =>
        {
            BrowserCookies.RequireSettable(context);
            var login = new LoginRequest(SessionPrincipal.User(ticket.Principal), Browser.Facts(context))
            {
                Stage = ticket.Properties.Stage() ?? options.Get(scheme).Stage,
                RememberMe = ticket.Properties.IsPersistent,
                AuthMethod = SessionPrincipal.AuthMethod(ticket.Principal, ticket.Properties, before),
                DeviceCookie = Devices.Device(context.Request),
                PreviousToken = previous,
                Data = data,
            };
            var result = await client.LoginAsync(login, cancellationToken);
            if (result.Refusal != LoginRefusal.None)
            {
                throw SessionClusterSignInException.Of(result.Refusal, login);
            }

            await SessionPrincipal.RequireReplaced(client, before, login, result);
            Devices.AppendDevice(context, result.Cookies);
            return result.Token!;
        });

    /// <summary>Calls with the ticket as data.</summary>
    private Task<T> Guarded<T>(AuthenticationTicket ticket, Func<string, Task<T>> call)
    {
        var data = JsonSerializer.Serialize(new KeptTicket(TicketSerializer.Default.Serialize(ticket)), TicketJson.Default.KeptTicket);
        return SessionPrincipal.Fit($"The ticket of the scheme '{scheme}'", data, () => call(data));
    }

    private static AuthenticationTicket? Read(string? data)
    {
        try
        {
            return data is not null && JsonSerializer.Deserialize(data, TicketJson.Default.KeptTicket)?.Ticket is { } bytes ? TicketSerializer.Default.Deserialize(bytes) : null;
        }
        catch (JsonException)
        {
            // A session of another kind of app: it has no ticket.
            return null;
        }
    }
}

/// <summary>Options of the ticket store of a scheme. They come from the configuration section <c>SessionCluster</c>, then from code.</summary>
public sealed class SessionClusterTicketStoreOptions
{
    /// <summary>Name or key of the User Login stage that sign-ins run through, unless their properties say another.</summary>
    public string Stage { get; set; } = "default";
}

/// <summary>A ticket that the request's session had: whose session it is and which, and the properties that the app was given.</summary>
internal sealed record ReadTicket(string User, string Session, AuthenticationProperties Properties)
{
    /// <summary>Whether the answer has begun: the handler's renewal comes then, and a sign-in before.</summary>
    public bool HasBegun { get; private set; }

    public Task Begin()
    {
        HasBegun = true;
        return Task.CompletedTask;
    }
}

/// <summary>A ticket as the data of a session.</summary>
internal sealed record KeptTicket(byte[] Ticket);

[System.Text.Json.Serialization.JsonSourceGenerationOptions(PropertyNamingPolicy = System.Text.Json.Serialization.JsonKnownNamingPolicy.SnakeCaseLower)]
[System.Text.Json.Serialization.JsonSerializable(typeof(KeptTicket))]
internal sealed partial class TicketJson : System.Text.Json.Serialization.JsonSerializerContext;
