using System.Collections.Immutable;

namespace SessionCluster.Sessions;

/// <summary>
/// What the ledger write leaves of a session it deletes, for 24 hours: the reason for late callers, and by
/// (user, revision) the answer of a repeated request.
/// </summary>
public sealed record EndedV1
{
    /// <summary>How long an ended session's reason is kept.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    public Guid Id { get; init; }

    public EndReason Reason { get; init; }

    /// <summary>The ledger revision that ended it.</summary>
    public long Revision { get; init; }

    public DateTimeOffset EndedAt { get; init; }

    public BindingBreak? Binding { get; init; }

    public EndedSession ToEndedSession(UserId user) => new(new SessionId(Id), user, Reason, Binding);
}

/// <summary>Reads what is kept of ended sessions for 24 hours.</summary>
public interface IEndedSessions
{
    /// <summary>Why a session ended, if it did so after <paramref name="since"/>.</summary>
    Task<EndedSession?> Find(SessionId id, DateTimeOffset since);

    /// <summary>The sessions that one ledger revision of a user ended, as far as they are still kept.</summary>
    Task<ImmutableArray<SessionId>> OfRevision(UserId user, long revision);
}

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

/// <summary>What is kept of an ended session for 24 hours, so that a late caller hears the first reason.</summary>
/// <param name="Id">The session.</param>
/// <param name="User">Whose it was.</param>
/// <param name="Reason">Why it ended.</param>
/// <param name="Binding">The broken binding, when that was the reason.</param>
public sealed record EndedSession(SessionId Id, UserId User, EndReason Reason, BindingBreak? Binding);
