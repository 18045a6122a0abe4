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

/// <summary>What is kept of an ended session for 24 hours, so that a late caller hears the first reason.</summary>
public sealed record EndedSession(SessionId Id, UserId User, EndReason Reason, BindingBreak? Binding);
