namespace SessionCluster.Embedded;

/// <summary>
/// One grain in memory. It runs one turn at a time: whoever sets <see cref="isRunning"/> owns it until it is cleared. The
/// lock (on the activation itself, to save an object) guards the fields below and is never held while grain code runs.
/// It is its own synchronization context, so whatever grain code awaits goes on as a turn of it. docs/engine.md has the
/// diagram of its states.
/// </summary>
internal sealed partial class Activation : SynchronizationContext, IThreadPoolWorkItem, IGrainContext
{
    private readonly GrainTable table;
    private readonly HeldKey key;
    private Grain? grain;

    // What waits; null at rest.
    private Backlog? backlog;
    private GrainTimer? timers;
    private long lastUsed;
    private int interleaved;
    private Stage stage;
    private byte leaving;
    private bool isRunning;
    private bool isBusy;

    internal Activation(GrainTable table, HeldKey key, uint number)
    {
        this.table = table;
        this.key = key;
        Number = number;
        lastUsed = Engine.Time.GetTimestamp();
    }

    private enum Stage : byte
    {
        /// <summary>In the table, not begun.</summary>
        New,

        /// <summary>States are being read, or OnActivateAsync runs.</summary>
        Activating,

        /// <summary>Requests run.</summary>
        Active,

        /// <summary>OnDeactivateAsync runs.</summary>
        Deactivating,

        /// <summary>Out of the table. What its code still awaits goes on; nothing new begins.</summary>
        Gone,

        /// <summary>Gone, and nothing goes on either: the simulated end of a process.</summary>
        Crashed,
    }

    public GrainId GrainId => new(table.Class.GrainType, key.ToString());

    public IGrainFactory GrainFactory => Engine;

    /// <summary>Its place in the order of creation; after four thousand million it begins anew.</summary>
    internal uint Number { get; }

    /// <summary>The timestamp at which the last call ended.</summary>
    internal long LastUsed => Volatile.Read(ref lastUsed);

    internal GrainTable Table => table;

    internal HeldKey Key => key;

    internal object Instance => grain!;

    private GrainEngine Engine => table.Engine;

    // Kept as a byte: there are many activations.
    private DeactivationReasonCode Leaving
    {
        get => (DeactivationReasonCode)leaving;
        set => leaving = (byte)value;
    }

    /// <summary>Takes a request. False when this activation is gone: the table then has the next one, or none.</summary>
    internal bool Accept(Request request)
    {
        bool isFull;
        bool mustSchedule;
        lock (this)
        {
            if (stage >= Stage.Gone)
            {
                return false;
            }

            isFull = request.IsCall && backlog?.Calls >= Engine.Options.MaxWaitingCalls;
            if (!isFull)
            {
                (backlog ??= new Backlog()).Add(request);
            }

            mustSchedule = StartRunning();
        }

        if (mustSchedule)
        {
            Engine.Scheduler.Schedule(this);
        }

        if (isFull)
        {
            request.Refuse(new InvalidOperationException("Too many calls wait for this grain."));
        }

        return true;
    }

    /// <summary>
    /// Runs a call on the calling thread, if the activation is free; then no engine code allocates unless the method awaits.
    /// </summary>
    /// <returns>The method's own task when it is completed, else the call's; null when the activation is not free.</returns>
    internal Task? TryRunInline<TGrain, TArg, TResult>(GrainMethod<TGrain, TArg, TResult> method, TArg argument)
        where TGrain : class
    {
        lock (this)
        {
            // Not running means that no turn is due; so this call overtakes nothing that could start.
            if (isRunning || stage != Stage.Active || Leaving != DeactivationReasonCode.None || (isBusy && !method.Interleaves))
            {
                return null;
            }

            isRunning = true;
            Begin(method.Interleaves);
        }

        var outer = Current;
        SetSynchronizationContext(this);
        var isDone = false;
        try
        {
            var work = Invoke(method, argument);
            isDone = work.IsCompleted;
            if (isDone)
            {
                return work;
            }

            var call = new Call<TGrain, TArg, TResult>(Engine, method, argument);
            call.StartTimeout();
            call.Follow(this, work);
            return call.Reply;
        }
        finally
        {
            SetSynchronizationContext(outer);
            LeaveInline(method.Interleaves, isDone);
        }
    }

    private Task Invoke<TGrain, TArg, TResult>(GrainMethod<TGrain, TArg, TResult> method, TArg argument)
        where TGrain : class
    {
        try
        {
            return method.Invoke((TGrain)Instance, argument) ?? throw new InvalidOperationException("A grain method returned null for its task.");
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return Task.FromException<TResult>(exception);
        }
    }

    private void LeaveInline(bool interleaves, bool isDone)
    {
        bool mustSchedule;
        lock (this)
        {
            if (isDone)
            {
                End(interleaves, isCall: true);
            }

            Rest();
            mustSchedule = StartRunning();
        }

        if (mustSchedule)
        {
            Engine.Scheduler.Schedule(this);
        }
    }
}
