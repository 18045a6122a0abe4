using System.Collections.Immutable;
using SessionCluster.Users;

namespace SessionCluster.Sessions;

/// <summary>Reads what is kept of ended sessions for 24 hours.</summary>
public interface IEndedSessions
{
    /// <summary>Why a session ended, if it did so after <paramref name="since"/>.</summary>
    Task<EndedSession?> Find(SessionId id, DateTimeOffset since);

    /// <summary>The sessions that one ledger revision of a user ended, as far as they are still kept.</summary>
    Task<ImmutableArray<SessionId>> OfRevision(UserId user, long revision);
}
