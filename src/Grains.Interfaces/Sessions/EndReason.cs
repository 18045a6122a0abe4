namespace SessionCluster.Sessions;

/// <summary>
/// Why a session ended. Stored by number: never renumber. A session with a reason that a program does not know has ended all the same: it
/// answers <see cref="SessionStatus.Revoked"/>.
/// </summary>
public enum EndReason
{
    /// <summary>The user logged out, or a front end did so for them.</summary>
    LoggedOut = 0,

    /// <summary>Ended by its owner: from another session, on <c>/account/sessions/</c> (also the very session in use), or by the link in a mail.</summary>
    RevokedByOwner = 1,

    /// <summary>Ended by a service with the manage role.</summary>
    RevokedByAdmin = 2,

    /// <summary>Ended by a login whose stage terminates other sessions.</summary>
    TerminatedByLogin = 3,

    /// <summary>The same browser logged in again.</summary>
    ReplacedByLogin = 4,

    /// <summary>The user had the most sessions allowed and this was the oldest.</summary>
    SessionLimit = 5,

    /// <summary>Its absolute end was reached.</summary>
    Expired = 6,

    /// <summary>It was not used for the idle timeout.</summary>
    Idle = 7,

    /// <summary>The user was deactivated.</summary>
    UserDeactivated = 8,

    /// <summary>It was used from an address outside its binding.</summary>
    BindingBroken = 9,
}

/// <summary>What the reasons of an ending are called in events, and what a later check answers.</summary>
public static class EndReasons
{
    /// <summary>The standard words for an event's logout_reason; that of a broken binding is authentik's.</summary>
    public static string Text(EndReason reason) => reason switch
    {
        EndReason.LoggedOut => "Logged out",
        EndReason.RevokedByOwner => "Revoked by owner",
        EndReason.RevokedByAdmin => "Revoked by administrator",
        EndReason.TerminatedByLogin => "Terminated by another login",
        EndReason.ReplacedByLogin => "Replaced by a new login",
        EndReason.SessionLimit => "Session limit reached",
        EndReason.Expired => "Session expired",
        EndReason.Idle => "Session idle",
        EndReason.UserDeactivated => "User deactivated",
        EndReason.BindingBroken => "Session binding broken",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "Unknown reason."),
    };

    /// <summary>The reason whose standard words these are; null for other words, which a caller gave.</summary>
    public static EndReason? Of(string text)
    {
        foreach (var reason in Enum.GetValues<EndReason>())
        {
            if (Text(reason) == text)
            {
                return reason;
            }
        }

        return null;
    }

    /// <summary>The status that a check of an ended session answers.</summary>
    public static SessionStatus Status(EndReason reason) => reason switch
    {
        EndReason.Expired => SessionStatus.Expired,
        EndReason.Idle => SessionStatus.Idle,
        EndReason.UserDeactivated => SessionStatus.UserInactive,
        EndReason.BindingBroken => SessionStatus.BindingBroken,
        _ => SessionStatus.Revoked,
    };
}
