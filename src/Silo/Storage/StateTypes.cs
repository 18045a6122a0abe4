using System.Text.Json.Serialization.Metadata;
using SessionCluster.Sessions;
using SessionCluster.Storage;
using SessionCluster.Users;

namespace SessionCluster.Silo.Storage;

/// <summary>How a state is stored.</summary>
internal enum StateKind
{
    /// <summary>A row of its own.</summary>
    Plain = 0,

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
        var kind = typeof(T) == typeof(LedgerV1) ? StateKind.Ledger : typeof(T) == typeof(SessionV1) ? StateKind.Session : StateKind.Plain;
        var named = stateName switch
        {
            LedgerV1.StateName => StateKind.Ledger,
            SessionV1.StateName => StateKind.Session,
            _ => StateKind.Plain,
        };
        return kind == named
            ? kind
            : throw new InvalidOperationException($"The state name {stateName} does not belong to the type {typeof(T).Name}.");
    }

    /// <exception cref="InvalidOperationException">The type has no JSON contract.</exception>
    public static JsonTypeInfo<T> JsonOf<T>() =>
        StateJson.Default.GetTypeInfo(typeof(T)) as JsonTypeInfo<T>
        ?? throw new InvalidOperationException($"{nameof(StateJson)} does not know the type {typeof(T).Name}.");
}
