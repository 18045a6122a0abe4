namespace SessionCluster.Sessions;

/// <summary>Why a session ended. Stored by number: never renumber.</summary>
public enum EndReason
{
    /// <summary>The user logged out, or a front end did so for them.</summary>
    LoggedOut = 0,

    /// <summary>Ended by its owner from another session.</summary>
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
