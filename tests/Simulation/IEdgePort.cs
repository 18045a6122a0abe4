using SessionCluster.Sessions;

namespace SessionCluster.Simulation;

/// <summary>The edge of a process, as its endpoints use it. An interface, since a mutant's edge is compiled apart.</summary>
public interface IEdgePort : IDisposable
{
    /// <summary>The edge, for the grains of its process.</summary>
    OwnEdge Own { get; }

    /// <summary>A check of a session: from memory where the edge may, else by the session's grain.</summary>
    Task<EdgeSeen> Check(SessionId session, ClientFacts client);
}

/// <summary>What a check over HTTP would have answered.</summary>
/// <param name="Status">Live, or why not.</param>
/// <param name="Data">The front end's data of a live session; empty where there is none.</param>
/// <param name="BrokenFrom">The address whose check broke the binding.</param>
/// <param name="FromMemory">Whether no grain was asked.</param>
public readonly record struct EdgeSeen(SessionStatus Status, string Data, string? BrokenFrom, bool FromMemory)
{
    public bool IsActive => Status == SessionStatus.Active;
}
