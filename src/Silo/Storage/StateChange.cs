using System.Text.Json.Serialization.Metadata;

namespace SessionCluster.Silo.Storage;

/// <summary>A write of one state, ready for the writer, which only binds and sends.</summary>
/// <param name="Expected">The version that the row must have; null when there must be none.</param>
internal abstract record StateChange(long? Expected);

/// <summary>A write of a user's ledger with the sessions it creates and ends and its events.</summary>
/// <param name="Expected">The version that the row must have; null when there must be none.</param>
/// <param name="Rows">What goes into rows.</param>
internal sealed record LedgerChange(string User, long? Expected, LedgerRows Rows) : StateChange(Expected);

/// <summary>An update of a session's row. It never inserts: what a ledger write has deleted stays deleted.</summary>
/// <param name="Expected">The version that the row must have.</param>
internal sealed record SessionChange(long? Expected, SessionRow Row) : StateChange(Expected);

/// <summary>A write of any other state: one row for each state name and key. SQLite only.</summary>
/// <param name="Expected">The version that the row must have; null when there must be none.</param>
/// <param name="Payload">The state as JSON; null clears it and leaves the version, so that a version is never given twice.</param>
/// <param name="Modified">The moment of the write, in microseconds since 1970.</param>
internal sealed record PlainChange(string Name, string Key, long? Expected, string? Payload, long Modified) : StateChange(Expected);

/// <summary>Which state to read.</summary>
/// <param name="Known">For a ledger: the version that the reader has, whose session rows it does not need again.</param>
internal sealed record StateQuery(StateKind Kind, string Name, string Key, long? Known);

/// <summary>A state as one read found it.</summary>
/// <param name="Payload">Its JSON; null when it was cleared, and for a ledger at the version that the reader knew.</param>
/// <param name="Live">For a ledger at another version: the payloads of the user's sessions, the oldest first.</param>
/// <param name="EndedLately">For a ledger at another version: the payloads of what is kept of lately ended sessions.</param>
internal sealed record StoredState(long Version, string? Payload, IReadOnlyList<string> Live, IReadOnlyList<string> EndedLately);

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
