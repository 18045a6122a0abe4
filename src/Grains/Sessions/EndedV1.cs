using SessionCluster.Bindings;
using SessionCluster.Users;

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
