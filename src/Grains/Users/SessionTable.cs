using System.Diagnostics.CodeAnalysis;
using SessionCluster.Sessions;

namespace SessionCluster.Users;

/// <summary>
/// Sessions by id. Nearly all users have few, and there are many users: one needs no more than the reference to it, some an array,
/// which is smaller than a dictionary and no slower.
/// </summary>
internal struct SessionTable
{
    private const int Few = 8;

    // Null, a session, an array of 2 to Few, or a dictionary.
    private object? _held;

    public readonly IReadOnlyCollection<LiveSession> All => _held switch
    {
        null => [],
        LiveSession one => [one],
        LiveSession[] few => few,
        _ => Many.Values,
    };

    private readonly Dictionary<SessionId, LiveSession> Many => (Dictionary<SessionId, LiveSession>)_held!;

    public readonly bool TryGet(SessionId id, [MaybeNullWhen(false)] out LiveSession session)
    {
        session = _held switch
        {
            null => null,
            LiveSession one => one.Id == id ? one : null,
            LiveSession[] few => Array.Find(few, one => one.Id == id),
            _ => Many.GetValueOrDefault(id),
        };
        return session is not null;
    }

    /// <summary>Adds a session, or replaces the one of its id.</summary>
    public void Set(LiveSession session)
    {
        if (_held is Dictionary<SessionId, LiveSession> many)
        {
            many[session.Id] = session;
        }
        else
        {
            Hold([.. All.Where(one => one.Id != session.Id), session]);
        }
    }

    /// <summary>Takes a session out; null when there is none of that id.</summary>
    public LiveSession? Remove(SessionId id)
    {
        if (!TryGet(id, out var gone))
        {
            return null;
        }

        if (_held is Dictionary<SessionId, LiveSession> many)
        {
            many.Remove(id);
        }
        else
        {
            Hold([.. All.Where(one => one != gone)]);
        }

        return gone;
    }

    public void Clear() => _held = null;

    private void Hold(LiveSession[] sessions) => _held = sessions.Length switch
    {
        0 => null,
        1 => sessions[0],
        <= Few => sessions,
        _ => sessions.ToDictionary(one => one.Id),
    };
}
