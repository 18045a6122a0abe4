namespace SessionCluster.Sessions;

/// <summary>
/// A process that answers checks over HTTP from its own memory, as a session grain knows it. It is one kind for silos with the API and for
/// Apis beside a cluster. docs/correctness.md says what both sides promise each other.
/// </summary>
[Alias("sc.edge")]
public interface IEdge : IGrainObserver
{
    /// <summary>
    /// Takes back the share of a session: the edge forgets its answer, and keeps none that is on its way to it. Memory only. Returns the
    /// last use that the edge has seen; null when it cannot say.
    /// </summary>
    [Alias("drop"), AlwaysInterleave, ResponseTimeout("00:00:12")]
    Task<DateTimeOffset?> Drop(SessionId session);
}

/// <summary>The edge in the process of a session grain: it is called as an object, also while the process stops and no observer is reached any more.</summary>
/// <param name="Id">Its identity.</param>
/// <param name="Edge">The edge.</param>
public sealed record OwnEdge(Guid Id, IEdge Edge);

/// <summary>Who asks for a share, and what it has seen under its last one.</summary>
/// <param name="Id">The identity of the process, drawn at each of its starts.</param>
/// <param name="Edge">Where the share is taken back.</param>
/// <param name="LastUsed">The last use that the edge answered, once all its shares are over; null while one may be used, or when it cannot say.</param>
/// <param name="IsEarly">Whether it asks before its share is over, so that no check has to wait: a lease that is half over is then renewed first.</param>
[GenerateSerializer, Immutable, Alias("sc.edge-question")]
public sealed record EdgeQuestion(
    [property: Id(0)] Guid Id,
    [property: Id(1)] IEdge Edge,
    [property: Id(2)] DateTimeOffset? LastUsed,
    [property: Id(3)] bool IsEarly = false);
