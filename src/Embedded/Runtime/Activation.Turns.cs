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
        Request,
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

            (backlog ??= new Backlog()).Add(new Continuation(d, state));
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
                    return backlog!.TakeContinuation();
                case Pick.Activate:
                    stage = Stage.Activating;
                    return ActivateTurn.Instance;
                case Pick.Deactivate:
                    stage = Stage.Deactivating;
                    return DeactivateTurn.Instance;
                case Pick.Request:
                    return TakeRequest(backlog!.Next(isBusy)!);
                default:
                    Rest();
                    return null;
            }
        }
    }

    // What is due: continuations first; then requests by arrival, where those that interleave pass a busy one.
    private Pick NextPick()
    {
        if (backlog is { HasContinuation: true })
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

        if (Leaving != DeactivationReasonCode.None)
        {
            return isBusy || interleaved > 0 ? Pick.None : Pick.Deactivate;
        }

        return backlog?.Next(isBusy) is null ? Pick.None : Pick.Request;
    }

    private Request TakeRequest(Request next)
    {
        Begin(next.Interleaves);
        return backlog!.Take(next.Interleaves);
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

    // Nobody runs this activation; with nothing at work and nothing waiting it needs no more than its fields.
    private void Rest()
    {
        isRunning = false;
        if (!isBusy && interleaved == 0 && backlog is { IsEmpty: true })
        {
            backlog = null;
        }
    }

    private bool StopRunning()
    {
        lock (this)
        {
            Rest();
            return StartRunning();
        }
    }
}
