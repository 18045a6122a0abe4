using SessionCluster.Bindings;
using SessionCluster.Users;

namespace SessionCluster.Sessions;

/// <summary>What is kept of an ended session for 24 hours, so that a late caller hears the first reason.</summary>
/// <param name="Id">The session.</param>
/// <param name="User">Whose it was.</param>
/// <param name="Reason">Why it ended.</param>
/// <param name="Binding">The broken binding, when that was the reason.</param>
[GenerateSerializer, Immutable, Alias("sc.ended-session")]
public sealed record EndedSession(
    [property: Id(0)] SessionId Id,
    [property: Id(1)] UserId User,
    [property: Id(2)] EndReason Reason,
    [property: Id(3)] BindingBreak? Binding);
