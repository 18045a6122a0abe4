namespace SessionCluster.Embedded;

/// <summary>
/// The turns that wait for one activation. Most activations are at rest: theirs is made when a turn comes that has to wait, and goes when
/// none is left.
/// </summary>
internal sealed class Backlog
{
    private TurnQueue continuations;
    private TurnQueue interleaving;
    private TurnQueue waiting;
    private int arrivals;

    /// <summary>Calls among what waits.</summary>
    internal int Calls { get; private set; }

    internal bool HasContinuation => continuations.First is not null;

    internal bool IsEmpty => continuations.First is null && interleaving.First is null && waiting.First is null;

    internal void Add(Continuation continuation) => continuations.Add(continuation);

    internal Turn TakeContinuation() => continuations.Take();

    /// <summary>Puts a request behind those of its kind.</summary>
    internal void Add(Request request)
    {
        request.Arrival = ++arrivals;
        (request.Interleaves ? ref interleaving : ref waiting).Add(request);
        Calls += request.IsCall ? 1 : 0;
    }

    /// <summary>The request that is due by its arrival; among all, or, while one is at work, among those that interleave.</summary>
    internal Request? Next(bool isBusy)
    {
        var next = isBusy ? null : (Request?)waiting.First;
        return (Request?)interleaving.First is { } passing && (next is null || passing.Arrival < next.Arrival) ? passing : next;
    }

    /// <summary>Takes the first request of a kind.</summary>
    internal Request Take(bool interleaves)
    {
        var request = (Request)(interleaves ? ref interleaving : ref waiting).Take();
        Calls -= request.IsCall ? 1 : 0;
        return request;
    }
}
