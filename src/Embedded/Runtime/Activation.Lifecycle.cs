namespace SessionCluster.Embedded;

// How an activation begins and ends.
internal sealed partial class Activation
{
    // Activations that end one after the other without starting a waiting call, before the call fails.
    private const int MostReroutes = 8;

    public void DeactivateOnIdle() => Leave(DeactivationReasonCode.ApplicationRequested);

    public IGrainTimer RegisterTimer<TState>(Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options)
    {
        ArgumentNullException.ThrowIfNull(callback);
        if (options.Interleave || options.KeepAlive)
        {
            throw new NotSupportedException("Timers that interleave or keep their grain alive are not supported.");
        }

        GrainTimer.Require(options.DueTime, nameof(options));
        var timer = new GrainTimer<TState>(this, callback, state, options);
        lock (this)
        {
            if (stage < Stage.Deactivating)
            {
                timer.Sibling = timers;
                timers = timer;
                timer.Begin(options.DueTime);
            }
        }

        return timer;
    }

    internal GrainEngine Owner => Engine;

    internal void Forget(GrainTimer timer)
    {
        lock (this)
        {
            GrainTimer? before = null;
            for (var one = timers; one is not null && one != timer; one = one.Sibling)
            {
                before = one;
            }

            if (before is not null && before.Sibling == timer)
            {
                before.Sibling = timer.Sibling;
            }
            else if (timers == timer)
            {
                timers = timer.Sibling;
            }
        }
    }

    /// <summary>Constructs the grain, reads its states and runs OnActivateAsync; or fails the calls that wait.</summary>
    internal async Task ActivateAsync()
    {
        try
        {
            grain = await MakeAsync().WaitAsync(Engine.Options.CallTimeout, Engine.Time);
            lock (this)
            {
                stage = stage == Stage.Activating ? Stage.Active : stage;
                lastUsed = Engine.Time.GetTimestamp();
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            GrainEngine.LogActivationFailed(Engine.Logger, table.Class.GrainType, exception);
            StopTimers();
            foreach (var request in RemoveFailed())
            {
                request.Refuse(exception);
            }
        }
    }

    /// <summary>Runs OnDeactivateAsync and makes room for the next activation.</summary>
    internal async Task DeactivateAsync()
    {
        StopTimers();
        try
        {
            var reason = new DeactivationReason(Leaving, Leaving.ToString());
            await grain!.OnDeactivateAsync(reason, CancellationToken.None).WaitAsync(Engine.Options.CallTimeout, Engine.Time);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            GrainEngine.LogDeactivationFailed(Engine.Logger, table.Class.GrainType, exception);
        }

        Remove();
    }

    /// <summary>Asks it to end once its present requests are done. False when it is ending already.</summary>
    internal bool Leave(DeactivationReasonCode reason) => Leave(reason, null);

    /// <summary>Asks it to end if it is free and was not used after a timestamp.</summary>
    internal bool LeaveIfIdle(long since) => Leave(DeactivationReasonCode.ActivationIdle, since);

    /// <summary>Ends it at once, with all its turns, and without a word to anyone: what the end of a process looks like.</summary>
    internal void Crash()
    {
        lock (this)
        {
            if (stage < Stage.Gone)
            {
                Exit(Stage.Crashed);
                table.Activations.Remove(this);
            }

            stage = Stage.Crashed;
            backlog = null;
        }

        StopTimers();
    }

    private bool Leave(DeactivationReasonCode reason, long? idleSince)
    {
        bool mustSchedule;
        lock (this)
        {
            var isIdle = stage == Stage.Active && !isRunning && !isBusy && interleaved == 0 && lastUsed <= idleSince;
            if (Leaving != DeactivationReasonCode.None || stage >= Stage.Deactivating || (idleSince is not null && !isIdle))
            {
                return false;
            }

            Leaving = reason;
            Engine.CountLeaving(1);
            mustSchedule = StartRunning();
        }

        if (mustSchedule)
        {
            Engine.Scheduler.Schedule(this);
        }

        return true;
    }

    private async Task<Grain> MakeAsync()
    {
        var parts = new GrainParts(this);
        var made = table.Class.Create(Engine.Services, parts);
        foreach (var state in parts.States)
        {
            await state.ReadStateAsync();
        }

        await made.OnActivateAsync(CancellationToken.None);
        return made;
    }

    private List<Request> RemoveFailed()
    {
        lock (this)
        {
            if (stage >= Stage.Gone)
            {
                return [];
            }

            Exit(Stage.Gone);
            table.Activations.Remove(this);
            return TakeCalls();
        }
    }

    // Waiting calls go to the next activation in their order, ahead of any that arrive later: it stands in the table, with
    // them, before this one's lock is released.
    private void Remove()
    {
        Activation? next = null;
        var refused = new List<Request>();
        lock (this)
        {
            if (stage >= Stage.Gone)
            {
                return;
            }

            var moving = TakeCalls();
            refused.AddRange(moving.Where(request => !Engine.IsOpen || ++request.Reroutes > MostReroutes));
            moving.RemoveAll(refused.Contains);
            Exit(Stage.Gone);
            if (moving.Count > 0)
            {
                next = Engine.NewActivation(table, key);
                next.isRunning = true;
                next.backlog = new Backlog();
                moving.ForEach(next.backlog.Add);
            }

            table.Activations.Remove(this, next);
        }

        foreach (var request in refused)
        {
            request.Refuse(new InvalidOperationException("The grain's activations ended before they could start the call."));
        }

        if (next is not null)
        {
            Engine.Scheduler.Schedule(next);
        }
    }

    // The calls that wait, by their arrival; ticks of timers end here.
    private List<Request> TakeCalls()
    {
        var calls = new List<Request>();
        while (backlog?.Next(isBusy: false) is { } next)
        {
            calls.Add(backlog.Take(next.Interleaves));
        }

        calls.RemoveAll(request => !request.IsCall);
        return calls;
    }

    private void Exit(Stage end)
    {
        stage = end;
        Engine.CountActivation(-1);
        if (Leaving != DeactivationReasonCode.None)
        {
            Engine.CountLeaving(-1);
        }
    }

    private void StopTimers()
    {
        GrainTimer? next;
        lock (this)
        {
            (next, timers) = (timers, null);
        }

        // A timer that is no longer the activation's keeps its place among its siblings.
        for (; next is not null; next = next.Sibling)
        {
            next.Dispose();
        }
    }
}
