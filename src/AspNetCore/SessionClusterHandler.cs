using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.WebUtilities;

namespace SessionCluster.AspNetCore;

/// <summary>
/// The scheme: signs in through the server, and asks it at each request. As the app's default scheme it answers 503 by itself when the
/// server cannot be asked, before anything of the app runs.
/// </summary>
internal sealed partial class SessionClusterHandler(
    IOptionsMonitor<SessionClusterOptions> monitor,
    ILoggerFactory logger,
    UrlEncoder encoder,
    ISessionClusterClient client,
    IAuthenticationSchemeProvider schemes) : SignInAuthenticationHandler<SessionClusterOptions>(monitor, logger, encoder), IAuthenticationRequestHandler
{
    private SessionClusterUnavailableException? _unavailable;

    private SessionStatus? _refused;

    private bool _isAnswered;

    /// <summary>Whether the handler itself asks for the session, before anything of the app runs, and answers where that fails.</summary>
    private bool _isAsking;

    /// <summary>The token of this request's own sign-in, which the browser is to have instead of the one that came with the request.</summary>
    private string? _signedIn;

    /// <summary>The session of the request, with which a sign-in with its properties goes on; null after the app's own sign-out.</summary>
    private string? _session;

    private BrowserCookies Cookies => new(Options.Cookie);

    private string? Token => _signedIn ?? Cookies.Token(Request);

    private new SessionClusterEvents Events => (SessionClusterEvents)base.Events!;

    /// <summary>Asks for the session before the app runs, where this is the scheme that says who the user is, and leaves that to no other.</summary>
    public async Task<bool> HandleRequestAsync()
    {
        if ((await schemes.GetDefaultAuthenticateSchemeAsync())?.Name != Scheme.Name || ResolveTarget(Options.ForwardAuthenticate) is not null)
        {
            return false;
        }

        _isAsking = true;
        await HandleAuthenticateOnceAsync();
        if (_unavailable is null)
        {
            return false;
        }

        Unavailable.Answer(Response, _unavailable);
        return true;
    }

    /// <summary>Signs in. Without properties nobody was asked whether to stay signed in.</summary>
    public override Task SignInAsync(ClaimsPrincipal user, AuthenticationProperties? properties)
    {
        _isAnswered = properties is not null;
        return base.SignInAsync(user, properties);
    }

    protected override Task<object> CreateEventsAsync() => Task.FromResult<object>(new SessionClusterEvents());

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Cookies.Token(Request) is not { } token)
        {
            return AuthenticateResult.NoResult();
        }

        SessionCheck check;
        try
        {
            check = await client.ValidateAsync(token, Browser.Facts(Context), Context.RequestAborted);
        }
        catch (SessionClusterUnavailableException exception)
        {
            LogUnavailable(Logger, exception.Message);
            Context.Items[Unavailable.Item] = exception;
            var unavailable = new UnavailableContext(Context, Scheme, Options, exception);
            await Events.Unavailable(unavailable);
            _unavailable = unavailable.Result is null ? exception : null;
            if (_unavailable is not null && !_isAsking)
            {
                // Whoever asked, as a policy scheme or a middleware of the app's own does, would take a failure for nobody.
                throw;
            }

            return unavailable.Result ?? AuthenticateResult.Fail(exception);
        }

        if (!check.IsActive)
        {
            _refused = check.Status;
            LogRefused(Logger, check.Status);
            await Events.Refused(new RefusedContext(Context, Scheme, Options, check));
            return AuthenticateResult.Fail($"The session is not live: {check.Status}.");
        }

        var (principal, properties) = SessionPrincipal.Of(check, Scheme.Name, ClaimsIssuer);
        _session = properties.GetString(SessionClusterTicketStore.SessionItem);
        var accepted = new AcceptedContext(Context, Scheme, Options, principal, check);
        await Events.Accepted(accepted);
        return AuthenticateResult.Success(new AuthenticationTicket(accepted.Principal, properties, Scheme.Name));
    }

    protected override async Task HandleSignInAsync(ClaimsPrincipal user, AuthenticationProperties? properties)
    {
        BrowserCookies.RequireSettable(Context);
        var before = Token is { } token && _session is not null && properties?.GetString(SessionClusterTicketStore.SessionItem) == _session
            ? await SessionPrincipal.RequireLive(client, token, Context)
            : null;
        properties ??= new AuthenticationProperties();
        var login = new LoginRequest(SessionPrincipal.User(user), Browser.Facts(Context))
        {
            Stage = properties.Stage() ?? Options.Stage,
            RememberMe = _isAnswered ? properties.IsPersistent : null,
            AuthMethod = SessionPrincipal.AuthMethod(user, properties, before),
            DeviceCookie = Cookies.Device(Request),
            PreviousToken = Token,
            Data = SessionPrincipal.Data(user, properties),
        };
        var signingIn = new SigningInContext(Context, Scheme, Options, user, login);
        await Events.SigningIn(signingIn);
        var result = await SessionPrincipal.Fit(
            "What is kept of the sign-in (its claims, and the items of its properties)", signingIn.Login.Data, () => client.LoginAsync(signingIn.Login, Context.RequestAborted));
        if (result.Refusal != LoginRefusal.None)
        {
            throw SessionClusterSignInException.Of(result.Refusal, signingIn.Login);
        }

        await SessionPrincipal.RequireReplaced(client, signingIn.Login.PreviousToken == Token ? before : null, signingIn.Login, result);
        _signedIn = result.Token;
        Cookies.Append(Context, result.Cookies);
        Unavailable.NotCached(Response);
        await Events.SignedIn(new SignedInContext(Context, Scheme, Options, result.Session!, result.Receipt));
        GoOn(properties);
    }

    protected override async Task HandleSignOutAsync(AuthenticationProperties? properties)
    {
        if (Token is { } token)
        {
            var receipt = await client.RevokeAsync(token, Browser.Facts(Context), cancellationToken: Context.RequestAborted);
            Cookies.Clear(Context, receipt.ClearCookie);
            (_signedIn, _session) = (null, null);
        }

        Unavailable.NotCached(Response);
        GoOn(properties);
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        await HandleAuthenticateOnceSafeAsync();
        if (_unavailable is not null)
        {
            Unavailable.Answer(Response, _unavailable);
        }
        else if (Browser.IsNavigation(Request))
        {
            Response.Redirect(LoginUrl(properties.RedirectUri ?? OriginalPathBase + OriginalPath + Request.QueryString));
        }
        else
        {
            Response.StatusCode = StatusCodes.Status401Unauthorized;
        }
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }

    /// <summary>Leads the browser to where the app said with a sign-in or a sign-out, unless it has answered otherwise.</summary>
    private void GoOn(AuthenticationProperties? properties)
    {
        if (properties?.RedirectUri is { Length: > 0 } to && Response.StatusCode == StatusCodes.Status200OK)
        {
            Response.Redirect(to);
        }
    }

    private string LoginUrl(string wanted)
    {
        var url = QueryHelpers.AddQueryString(OriginalPathBase.Add(Options.LoginPath).ToString(), Options.ReturnUrlParameter, wanted);
        return _refused is { } reason && Options.ReasonParameter.Length > 0 ? QueryHelpers.AddQueryString(url, Options.ReasonParameter, StatusNames.Of(reason)) : url;
    }

    [LoggerMessage(1, LogLevel.Warning, "A session could not be checked: {Reason}", EventName = "CheckUnavailable")]
    private static partial void LogUnavailable(ILogger logger, string reason);

    [LoggerMessage(2, LogLevel.Information, "A session was refused: {Status}.", EventName = "SessionRefused")]
    private static partial void LogRefused(ILogger logger, SessionStatus status);
}
