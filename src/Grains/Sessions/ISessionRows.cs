using System.Collections.Immutable;
using SessionCluster.Users;

namespace SessionCluster.Sessions;

/// <summary>Reads over the session rows. Live means: not ended, and now is before the absolute end.</summary>
public interface ISessionRows
{
    /// <summary>All rows of one user that no ledger write has ended, also those past their end; one indexed query.</summary>
    Task<ImmutableArray<SessionV1>> LoadByUser(UserId user);

    /// <summary>Why a session ended, if it did so after <paramref name="since"/>.</summary>
    Task<EndedSession?> FindEnded(SessionId id, DateTimeOffset since);

    /// <summary>The sessions that one ledger revision of a user ended, as far as they are still kept.</summary>
    Task<ImmutableArray<SessionId>> EndedByRevision(UserId user, long revision);

    /// <summary>The sessions of a user that were ended after <paramref name="since"/>: some may still hold a lease.</summary>
    Task<ImmutableArray<SessionId>> EndedSince(UserId user, DateTimeOffset since);

    /// <summary>One page of live sessions.</summary>
    Task<SessionPage> Search(SessionQuery query, DateTimeOffset now);

    /// <summary>One live session.</summary>
    Task<SessionV1?> Find(SessionId id, DateTimeOffset now);

    /// <summary>
    /// Sessions to sweep, the longest overdue first: past their end at <paramref name="now"/>, or not used for their idle
    /// timeout by what is stored (their grain may know better).
    /// </summary>
    Task<ImmutableArray<DueSession>> Due(DateTimeOffset now, int limit);

    /// <summary>Deletes up to <paramref name="limit"/> kept endings from before <paramref name="before"/>; how many.</summary>
    Task<int> PruneEnded(DateTimeOffset before, int limit);
}

/// <summary>A session that the sweeper should look at.</summary>
/// <param name="User">Whose it is.</param>
/// <param name="Session">Which.</param>
/// <param name="Expired">True when its absolute end is reached; false when it may be idle.</param>
public sealed record DueSession(UserId User, SessionId Session, bool Expired);
