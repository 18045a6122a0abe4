using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;

namespace SessionCluster.AspNetCore;

/// <summary>What an app does at each step: set a delegate, or derive and name the class in EventsType.</summary>
public class SessionClusterEvents
{
    /// <summary>Called before a login is sent; its request may be changed.</summary>
    public Func<SigningInContext, Task> OnSigningIn { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Called after a login, with the receipt of what it ended.</summary>
    public Func<SignedInContext, Task> OnSignedIn { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Called when a session was accepted; the principal may be changed.</summary>
    public Func<AcceptedContext, Task> OnAccepted { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Called when a session was refused, with the reason.</summary>
    public Func<RefusedContext, Task> OnRefused { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Called when the server did not answer a check. Unless a result is set, the request is answered with 503.</summary>
    public Func<UnavailableContext, Task> OnUnavailable { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Calls <see cref="OnSigningIn"/>.</summary>
    /// <param name="context">The login.</param>
    public virtual Task SigningIn(SigningInContext context) => OnSigningIn(context);

    /// <summary>Calls <see cref="OnSignedIn"/>.</summary>
    /// <param name="context">The session.</param>
    public virtual Task SignedIn(SignedInContext context) => OnSignedIn(context);

    /// <summary>Calls <see cref="OnAccepted"/>.</summary>
    /// <param name="context">The check.</param>
    public virtual Task Accepted(AcceptedContext context) => OnAccepted(context);

    /// <summary>Calls <see cref="OnRefused"/>.</summary>
    /// <param name="context">The check.</param>
    public virtual Task Refused(RefusedContext context) => OnRefused(context);

    /// <summary>Calls <see cref="OnUnavailable"/>.</summary>
    /// <param name="context">The fault.</param>
    public virtual Task Unavailable(UnavailableContext context) => OnUnavailable(context);
}

/// <summary>A login that is about to be sent.</summary>
/// <param name="context">The request.</param>
/// <param name="scheme">The scheme.</param>
/// <param name="options">Its options.</param>
/// <param name="principal">Who signs in.</param>
/// <param name="login">The login.</param>
public sealed class SigningInContext(
    HttpContext context, AuthenticationScheme scheme, SessionClusterOptions options, ClaimsPrincipal principal, LoginRequest login)
    : BaseContext<SessionClusterOptions>(context, scheme, options)
{
    /// <summary>Who signs in.</summary>
    public ClaimsPrincipal Principal => principal;

    /// <summary>What is sent.</summary>
    public LoginRequest Login { get; set; } = login;
}

/// <summary>A login that succeeded.</summary>
/// <param name="context">The request.</param>
/// <param name="scheme">The scheme.</param>
/// <param name="options">Its options.</param>
/// <param name="session">The new session.</param>
/// <param name="receipt">The receipt of what it ended, or null.</param>
public sealed class SignedInContext(HttpContext context, AuthenticationScheme scheme, SessionClusterOptions options, Session session, Receipt? receipt)
    : BaseContext<SessionClusterOptions>(context, scheme, options)
{
    /// <summary>The new session.</summary>
    public Session Session => session;

    /// <summary>The receipt of the sessions that the login ended; null when it ended none.</summary>
    public Receipt? Receipt => receipt;
}

/// <summary>A session that was accepted.</summary>
/// <param name="context">The request.</param>
/// <param name="scheme">The scheme.</param>
/// <param name="options">Its options.</param>
/// <param name="principal">The principal made of it.</param>
/// <param name="check">The answer of the server.</param>
public sealed class AcceptedContext(
    HttpContext context, AuthenticationScheme scheme, SessionClusterOptions options, ClaimsPrincipal principal, SessionCheck check)
    : BaseContext<SessionClusterOptions>(context, scheme, options)
{
    /// <summary>The principal of the request.</summary>
    public ClaimsPrincipal Principal { get; set; } = principal;

    /// <summary>The answer of the server.</summary>
    public SessionCheck Check => check;
}

/// <summary>A session that was refused.</summary>
/// <param name="context">The request.</param>
/// <param name="scheme">The scheme.</param>
/// <param name="options">Its options.</param>
/// <param name="check">The answer of the server.</param>
public sealed class RefusedContext(HttpContext context, AuthenticationScheme scheme, SessionClusterOptions options, SessionCheck check)
    : BaseContext<SessionClusterOptions>(context, scheme, options)
{
    /// <summary>Why.</summary>
    public SessionStatus Reason => check.Status;

    /// <summary>The broken binding, where that is why.</summary>
    public BrokenBinding? Binding => check.Binding;
}

/// <summary>A check without an answer.</summary>
/// <param name="context">The request.</param>
/// <param name="scheme">The scheme.</param>
/// <param name="options">Its options.</param>
/// <param name="exception">What happened.</param>
public sealed class UnavailableContext(
    HttpContext context, AuthenticationScheme scheme, SessionClusterOptions options, SessionClusterUnavailableException exception)
    : BaseContext<SessionClusterOptions>(context, scheme, options)
{
    /// <summary>What happened.</summary>
    public SessionClusterUnavailableException Exception => exception;

    /// <summary>What the request goes on with instead of the 503.</summary>
    public AuthenticateResult? Result { get; set; }
}
