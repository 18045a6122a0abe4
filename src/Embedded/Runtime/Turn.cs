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

/// <summary>Turns in the order of their arrival. Costs its activation two fields and no object.</summary>
internal struct TurnQueue
{
    private Turn? head;
    private Turn? tail;

    internal readonly Turn? First => head;

    internal void Add(Turn turn)
    {
        turn.Next = null;
        if (tail is null)
        {
            head = turn;
        }
        else
        {
            tail.Next = turn;
        }

        tail = turn;
    }

    internal Turn Take()
    {
        var turn = head!;
        head = turn.Next;
        if (head is null)
        {
            tail = null;
        }

        turn.Next = null;
        return turn;
    }
}
