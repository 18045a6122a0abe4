namespace SessionCluster.Sessions;

/// <summary>
/// A committed change that ended sessions, to be told to them: the argument of <c>IUserGrain.Tell</c>.
/// Nothing may be answered to a caller before that call has returned. It is carried there by Apis of other versions, which drop a member
/// that they do not know: where a new one is missing, that must mean the careful answer.
/// </summary>
/// <param name="Revision">The user's ledger revision of the commit.</param>
/// <param name="CommittedAt">The moment of the commit.</param>
/// <param name="Ended">The sessions that the commit ended.</param>
/// <param name="MayHoldLease">
/// Sessions that may still answer from memory and must be told: of <paramref name="Ended"/>, and of those that an earlier commit
/// ended a moment ago and this call would have ended, had they been live. Nobody may hear "ended" before that is so.
/// </param>
/// <param name="WaitOut">True when too many may hold a lease to tell each: the leases are waited out instead.</param>
/// <param name="Membership">The membership version that had stood for 2F + L when the turn began; -1 (<c>NotSettled</c>) if none had; 0 in a lone process.</param>
/// <param name="RestsOnEarlier">
/// True when the answer rests on earlier commits, of a moment ago: sessions that this call would have ended are gone by those, and another
/// activation may have granted leases of them.
/// </param>
[GenerateSerializer, Immutable, Alias("sc.ending")]
public sealed record Ending(
    [property: Id(0)] long Revision,
    [property: Id(1)] DateTimeOffset CommittedAt,
    [property: Id(2)] ImmutableArray<SessionId> Ended,
    [property: Id(3)] ImmutableArray<SessionId> MayHoldLease,
    [property: Id(4)] bool WaitOut,
    [property: Id(5)] long Membership = 0,
    [property: Id(6)] bool RestsOnEarlier = false)
{
    /// <summary>Whether there is anything that an answer must wait for.</summary>
    public bool NeedsTelling => Ended.Length > 0 || MayHoldLease.Length > 0 || WaitOut || RestsOnEarlier;
}

/// <summary>Proof of an ending: from <paramref name="EffectiveEverywhereAt"/> on no node accepts one of <paramref name="Ended"/>.</summary>
/// <param name="Revision">The user's ledger revision of the commit.</param>
/// <param name="CommittedAt">The moment of the commit.</param>
/// <param name="Ended">The sessions that the commit ended.</param>
/// <param name="EffectiveEverywhereAt">From here on the ending holds on every node; never after the moment of the answer.</param>
[GenerateSerializer, Immutable, Alias("sc.receipt")]
public sealed record Receipt(
    [property: Id(0)] long Revision,
    [property: Id(1)] DateTimeOffset CommittedAt,
    [property: Id(2)] ImmutableArray<SessionId> Ended,
    [property: Id(3)] DateTimeOffset EffectiveEverywhereAt);
