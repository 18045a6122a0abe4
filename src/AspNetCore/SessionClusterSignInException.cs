using System.Diagnostics.CodeAnalysis;

namespace SessionCluster.AspNetCore;

/// <summary>The server refused a sign-in. No cookie was set, and there is no new session.</summary>
/// <param name="refusal">Why.</param>
/// <param name="message">Why, and what to do.</param>
[SuppressMessage("Design", "CA1032", Justification = "It always says why.")]
public sealed class SessionClusterSignInException(LoginRefusal refusal, string message) : Exception(message)
{
    /// <summary>Why.</summary>
    public LoginRefusal Refusal => refusal;

    internal static SessionClusterSignInException OfEnded() => new(
        LoginRefusal.SessionEnded,
        "The sign-in has the properties of a session that has ended while the request ran: it is not brought back. Ask the user to sign in again, with properties of their own.");

    internal static SessionClusterSignInException Of(LoginRefusal refusal, LoginRequest login) => new(refusal, refusal switch
    {
        LoginRefusal.ChallengeRequired =>
            $"The stage '{login.Stage}' asks whether to stay signed in. Ask the user, and sign in with AuthenticationProperties whose IsPersistent is the answer.",
        LoginRefusal.SessionLimit => "The user has the most sessions allowed (Sessions:MaxPerUser) and must end one first.",
        _ => "The user may not log in: they are deactivated, or the login says that they are not active.",
    });
}
