namespace SessionCluster.Embedded;

/// <summary>A piece of work of one activation, and a link of the queue that it waits in.</summary>
internal abstract class Turn
{
    internal Turn? Next { get; set; }

    internal abstract void Run(Activation activation);
}

/// <summary>What follows an await inside grain code.</summary>
internal sealed class Continuation(SendOrPostCallback callback, object? state) : Turn
{
    internal override void Run(Activation activation) => callback(state);
}

/// <summary>The first turn of an activation.</summary>
internal sealed class ActivateTurn : Turn
{
    internal static readonly ActivateTurn Instance = new();

    internal override void Run(Activation activation) => _ = activation.ActivateAsync();
}

/// <summary>The last turn of an activation.</summary>
internal sealed class DeactivateTurn : Turn
{
    internal static readonly DeactivateTurn Instance = new();

    internal override void Run(Activation activation) => _ = activation.DeactivateAsync();
}

/// <summary>Turns in the order of their arrival, in a ring. Costs its activation one field and no object.</summary>
internal struct TurnQueue
{
    // The last turn; the one after it is the first.
    private Turn? last;

    internal readonly Turn? First => last?.Next;

    internal void Add(Turn turn)
    {
        turn.Next = last is null ? turn : last.Next;
        if (last is not null)
        {
            last.Next = turn;
        }

        last = turn;
    }

    internal Turn Take()
    {
        var first = last!.Next!;
        if (first == last)
        {
            last = null;
        }
        else
        {
            last.Next = first.Next;
        }

        first.Next = null;
        return first;
    }
}
