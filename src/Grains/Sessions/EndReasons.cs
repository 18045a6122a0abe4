namespace SessionCluster.Sessions;

/// <summary>What the reasons of an ending are called in events, and what a later check answers.</summary>
public static class EndReasons
{
    /// <summary>The standard words for an event's logout_reason; the one of a broken binding is the seed's.</summary>
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
