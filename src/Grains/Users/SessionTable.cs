using System.Diagnostics.CodeAnalysis;
using SessionCluster.Sessions;

namespace SessionCluster.Users;

/// <summary>Sessions by id. Nearly all users have few, and there are many users: up to some, an array is smaller, and no slower.</summary>
internal sealed class SessionTable
{
    private const int Few = 8;

    private LiveSession[] _few = [];
    private Dictionary<SessionId, LiveSession>? _many;

    public int Count => _many?.Count ?? _few.Length;

    public IEnumerable<LiveSession> All => _many is null ? _few : _many.Values;

    public bool TryGet(SessionId id, [MaybeNullWhen(false)] out LiveSession session)
    {
        if (_many is not null)
        {
            return _many.TryGetValue(id, out session);
        }

        session = Array.Find(_few, one => one.Id == id);
        return session is not null;
    }

    /// <summary>Adds a session, or replaces the one of its id.</summary>
    public void Set(LiveSession session)
    {
        if (_many is null && _few.Length == Few)
        {
            (_many, _few) = (_few.ToDictionary(one => one.Id), []);
        }

        if (_many is not null)
        {
            _many[session.Id] = session;
            return;
        }

        var at = Array.FindIndex(_few, one => one.Id == session.Id);
        _few = at < 0 ? [.. _few, session] : [.. _few[..at], session, .. _few[(at + 1)..]];
    }

    /// <summary>Takes a session out; null when there is none of that id.</summary>
    public LiveSession? Remove(SessionId id)
    {
        if (!TryGet(id, out var gone))
        {
            return null;
        }

        if (_many is null)
        {
            _few = [.. _few.Where(one => one != gone)];
        }
        else
        {
            _many.Remove(id);
        }

        return gone;
    }

    public void Clear() => (_few, _many) = ([], null);
}
