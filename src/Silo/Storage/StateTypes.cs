using System.Text.Json.Serialization.Metadata;
using SessionCluster.Sessions;
using SessionCluster.Storage;
using SessionCluster.Users;

namespace SessionCluster.Silo.Storage;

/// <summary>How a state is stored.</summary>
internal enum StateKind
{
    /// <summary>A row of its own.</summary>
    Other = 0,

    /// <summary>A ledger, whose write is the commit of all it carries.</summary>
    Ledger = 1,

    /// <summary>A session, which is only ever updated.</summary>
    Session = 2,
}

/// <summary>What storage knows of the types of states.</summary>
internal static class StateTypes
{
    /// <exception cref="InvalidOperationException">The name and the type do not belong together.</exception>
    public static StateKind KindOf<T>(string stateName)
    {
        var kind = KindOf(typeof(T));
        var named = stateName switch
        {
            LedgerV1.StateName => StateKind.Ledger,
            SessionV1.StateName => StateKind.Session,
            _ => StateKind.Other,
        };
        return kind == named
            ? kind
            : throw new InvalidOperationException($"The state name {stateName} does not belong to the type {typeof(T).Name}.");
    }

    /// <exception cref="InvalidOperationException">The type has no JSON contract.</exception>
    public static JsonTypeInfo<T> JsonOf<T>() =>
        StateJson.Default.GetTypeInfo(typeof(T)) as JsonTypeInfo<T>
        ?? throw new InvalidOperationException($"{nameof(StateJson)} does not know the type {typeof(T).Name}.");

    /// <summary>From when on the row may be pruned, in microseconds since 1970; null for never.</summary>
    public static long? ExpiryOf<T>(T state) => state is IExpiringState expiring ? UnixMicros.From(expiring.Expires) : null;

    /// <exception cref="InvalidOperationException">Ledgers and sessions are not cleared.</exception>
    public static void RequireClearable<T>(string stateName)
    {
        if (KindOf<T>(stateName) != StateKind.Other)
        {
            throw new InvalidOperationException($"The state {stateName} is never cleared: sessions end by a ledger's write, and ledgers stay.");
        }
    }

    /// <exception cref="InvalidOperationException">The state is of another session, or there was no row to read it from.</exception>
    public static long RequireUpdate(SessionId id, long? expected, SessionV1 session)
    {
        if (id.Value != session.Id)
        {
            throw new InvalidOperationException("The state of a session grain must be of its own session.");
        }

        return expected ?? throw new InvalidOperationException("A session is inserted by its user's ledger write only.");
    }

    private static StateKind KindOf(Type type) =>
        type == typeof(LedgerV1) ? StateKind.Ledger : type == typeof(SessionV1) ? StateKind.Session : StateKind.Other;
}
