using System.Diagnostics;

namespace SessionCluster.Embedded;

// Which turn comes next, and who runs it.
internal sealed partial class Activation
{
    // Turns that a thread runs for one activation before it lets others go first.
    private const int TurnsInARow = 32;

    private enum Pick
    {
        None,
        Continuation,
        Activate,
        Deactivate,
        Interleaving,
        Waiting,
    }

    /// <summary>A request's work is completed. Called in a turn.</summary>
    internal void Finished(Request request)
    {
        lock (this)
        {
            End(request.Interleaves, request.IsCall);
        }
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        bool mustSchedule;
        lock (this)
        {
            if (stage == Stage.Crashed)
            {
                return;
            }

            continuations.Add(new Continuation(d, state));
            mustSchedule = StartRunning();
        }

        if (mustSchedule)
        {
            Engine.Scheduler.Schedule(this);
        }
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Nothing may wait for a grain's turn.");

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs turns until none is due, or others should go first.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        var outer = Current;
        SetSynchronizationContext(this);
        try
        {
            for (var left = Engine.Scheduler.IsExclusive ? 1 : TurnsInARow; left > 0; left--)
            {
                if (TakeTurn() is not { } turn)
                {
                    return;
                }

                try
                {
                    turn.Run(this);
                }
                catch (Exception exception) when (exception is not OutOfMemoryException)
                {
                    // Only an async void method of a grain gets here.
                    GrainEngine.LogTurnFailed(Engine.Logger, table.Class.GrainType, exception);
                }
            }
        }
        finally
        {
            SetSynchronizationContext(outer);
        }

        if (StopRunning())
        {
            Engine.Scheduler.Schedule(this);
        }
    }

    private Turn? TakeTurn()
    {
        lock (this)
        {
            switch (NextPick())
            {
                case Pick.Continuation:
                    return continuations.Take();
                case Pick.Activate:
                    stage = Stage.Activating;
                    return ActivateTurn.Instance;
                case Pick.Deactivate:
                    stage = Stage.Deactivating;
                    return DeactivateTurn.Instance;
                case Pick.Interleaving:
                    return Unqueue(ref interleaving);
                case Pick.Waiting:
                    return Unqueue(ref waiting);
                default:
                    isRunning = false;
                    return null;
            }
        }
    }

    // What is due: continuations first; then requests by arrival, where those that interleave pass a busy one.
    private Pick NextPick()
    {
        if (continuations.First is not null)
        {
            return Pick.Continuation;
        }

        if (stage == Stage.New)
        {
            return Pick.Activate;
        }

        if (stage != Stage.Active)
        {
            return Pick.None;
        }

        if (leaving != DeactivationReasonCode.None)
        {
            return isBusy || interleaved > 0 ? Pick.None : Pick.Deactivate;
        }

        var next = isBusy ? null : (Request?)waiting.First;
        return (Request?)interleaving.First is { } passing && (next is null || passing.Arrival < next.Arrival)
            ? Pick.Interleaving
            : next is null ? Pick.None : Pick.Waiting;
    }

    private void Queue(Request request)
    {
        (request.Interleaves ? ref interleaving : ref waiting).Add(request);
        waitingCalls += request.IsCall ? 1 : 0;
    }

    private Request Unqueue(ref TurnQueue queue)
    {
        var request = (Request)queue.Take();
        waitingCalls -= request.IsCall ? 1 : 0;
        Begin(request.Interleaves);
        return request;
    }

    private void Begin(bool interleaves)
    {
        Debug.Assert(interleaves || !isBusy, "Two requests that do not interleave.");
        interleaved += interleaves ? 1 : 0;
        isBusy |= !interleaves;
    }

    private void End(bool interleaves, bool isCall)
    {
        interleaved -= interleaves ? 1 : 0;
        isBusy &= interleaves;
        if (isCall)
        {
            lastUsed = Engine.Time.GetTimestamp();
        }
    }

    // True when nobody runs this activation, a turn is due, and the caller has to schedule it.
    private bool StartRunning()
    {
        if (isRunning || NextPick() == Pick.None)
        {
            return false;
        }

        isRunning = true;
        return true;
    }

    private bool StopRunning()
    {
        lock (this)
        {
            isRunning = false;
            return StartRunning();
        }
    }
}
