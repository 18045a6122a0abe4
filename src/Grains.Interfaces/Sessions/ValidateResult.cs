using System.Diagnostics.CodeAnalysis;
using SessionCluster.Bindings;

namespace SessionCluster.Sessions;

/// <summary>The state of a session as a caller learns it. New values: teach every reader before a writer sends one.</summary>
public enum SessionStatus
{
    /// <summary>Live.</summary>
    Active = 0,

    /// <summary>Never seen, or ended more than 24 hours ago.</summary>
    Unknown = 1,

    /// <summary>Past its absolute end.</summary>
    Expired = 2,

    /// <summary>Not used for the idle timeout.</summary>
    Idle = 3,

    /// <summary>Ended by a logout, a revocation, the cap, or another login.</summary>
    Revoked = 4,

    /// <summary>Its user was deactivated.</summary>
    UserInactive = 5,

    /// <summary>Used from outside its binding.</summary>
    BindingBroken = 6,
}

/// <summary>The answer of a check.</summary>
/// <param name="Status">Live, or why not.</param>
/// <param name="Session">The session; present exactly when <paramref name="Status"/> is <see cref="SessionStatus.Active"/>.</param>
/// <param name="Binding">The broken binding; present exactly when that is the reason.</param>
/// <param name="Share">
/// How long the asking edge may answer by itself for this very address, counted from before it asked; zero when it may not.
/// </param>
[GenerateSerializer, Immutable, Alias("sc.validate-result")]
public sealed record ValidateResult(
    [property: Id(0)] SessionStatus Status,
    [property: Id(1)] SessionInfo? Session,
    [property: Id(2)] BindingBreak? Binding,
    [property: Id(3)] TimeSpan Share = default)
{
    /// <summary>Whether the session may be used.</summary>
    [MemberNotNullWhen(true, nameof(Session))]
    public bool IsActive => Status == SessionStatus.Active;
}
