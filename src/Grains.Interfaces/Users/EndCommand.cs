using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using SessionCluster.Bindings;
using SessionCluster.Sessions;

namespace SessionCluster.Users;

/// <summary>Ends sessions of one user.</summary>
/// <param name="Sessions">The sessions to end, or null for all of them. Those that are not live are passed over.</param>
/// <param name="Except">The one to spare when all are ended.</param>
/// <param name="Reason">Why. <see cref="EndReason.Expired"/> ends only sessions that are past their end.</param>
/// <param name="ReasonText">The caller's own words for the event's logout_reason, or null for the standard ones.</param>
/// <param name="Client">Who asked, for the event; null when the server itself did (sweeper).</param>
/// <param name="Binding">The broken binding, when that is the reason.</param>
/// <param name="Idempotency">The key of a repeatable request, or null.</param>
/// <param name="Actor">The name of the api key that asked, for the events; null when no service did.</param>
[GenerateSerializer, Immutable, Alias("sc.end-command")]
public sealed record EndCommand(
    [property: Id(0)] ImmutableArray<SessionId>? Sessions,
    [property: Id(1)] SessionId? Except,
    [property: Id(2)] EndReason Reason,
    [property: Id(3)] string? ReasonText,
    [property: Id(4)] ClientFacts? Client,
    [property: Id(5)] BindingBreak? Binding,
    [property: Id(6)] Idempotency? Idempotency,
    [property: Id(7)] string? Actor = null);

/// <summary>Sets whether a user may log in.</summary>
/// <param name="Active">False ends every session in the same commit and refuses logins from then on.</param>
/// <param name="Client">Who asked, for the events.</param>
/// <param name="Idempotency">The key of a repeatable request, or null.</param>
/// <param name="Actor">The name of the api key that asked, for the events; null when no service did.</param>
[GenerateSerializer, Immutable, Alias("sc.set-active-command")]
public sealed record SetActiveCommand(
    [property: Id(0)] bool Active,
    [property: Id(1)] ClientFacts? Client,
    [property: Id(2)] Idempotency? Idempotency,
    [property: Id(3)] string? Actor = null);

/// <summary>The answer of an ending.</summary>
/// <param name="Ending">The commit, or null when the idempotency key was used with another body and nothing was done.</param>
[GenerateSerializer, Immutable, Alias("sc.end-result")]
public sealed record EndResult([property: Id(0)] Ending? Ending)
{
    /// <summary>False when the idempotency key was used with another body.</summary>
    [MemberNotNullWhen(true, nameof(Ending))]
    public bool IsDone => Ending is not null;
}
