using System.Collections.Immutable;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Silo.Sweeping;

/// <summary>What the sweeper needs of the storage. Every call is bounded by a number of rows.</summary>
public interface ISweptRows
{
    /// <summary>
    /// Sessions to sweep, the longest overdue first: past their end at <paramref name="now"/>, or not used for their idle
    /// timeout by what is stored (their grain may know better).
    /// </summary>
    Task<ImmutableArray<DueSession>> Due(DateTimeOffset now, int limit);

    /// <summary>Deletes what is kept of sessions that ended before <paramref name="before"/>; how many.</summary>
    Task<int> PruneEnded(DateTimeOffset before, int limit);

    /// <summary>Deletes events created before <paramref name="before"/>; how many.</summary>
    Task<int> PruneEvents(DateTimeOffset before, int limit);

    /// <summary>Deletes plans that were written last before <paramref name="before"/>; how many.</summary>
    Task<int> PrunePlans(DateTimeOffset before, int limit);
}

/// <summary>A session that the sweeper should look at.</summary>
/// <param name="User">Whose it is.</param>
/// <param name="Session">Which.</param>
/// <param name="Expired">True when its absolute end is reached; false when it may be idle.</param>
public sealed record DueSession(UserId User, SessionId Session, bool Expired);
