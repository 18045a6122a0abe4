namespace SessionCluster.Embedded;

/// <summary>
/// A turn that starts grain code and lasts until the task of that code is completed: a call, or a timer's tick.
/// </summary>
internal abstract class Request : Turn
{
    private Activation? activation;
    private Task? work;

    /// <summary>Whether it may start while another request of the activation is unfinished.</summary>
    internal abstract bool Interleaves { get; }

    /// <summary>Whether it is use: keeps its activation, and goes to the next one if this one ends first.</summary>
    internal virtual bool IsCall => true;

    /// <summary>Its place among all requests of the activation.</summary>
    internal int Arrival { get; set; }

    /// <summary>How many activations ended before they came to start it.</summary>
    internal int Reroutes { get; set; }

    /// <summary>Nobody waits for it any more, and it has not started.</summary>
    protected virtual bool IsAbandoned => false;

    internal override void Run(Activation activation)
    {
        if (IsAbandoned)
        {
            activation.Finished(this);
            return;
        }

        Task started;
        try
        {
            started = Start(activation.Instance) ?? throw new InvalidOperationException("A grain method returned null for its task.");
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            started = Task.FromException(exception);
        }

        Follow(activation, started);
    }

    /// <summary>
    /// Waits for started work. It must be called in a turn of the activation: what is awaited in its synchronization context
    /// ends there as well, in the turn that completes it or in one of its own, and never on a foreign thread.
    /// </summary>
    internal void Follow(Activation activation, Task started)
    {
        this.activation = activation;
        work = started;
        if (started.IsCompleted)
        {
            Finish();
        }
        else
        {
            started.GetAwaiter().UnsafeOnCompleted(Finish);
        }
    }

    /// <summary>It will not be started, for this reason.</summary>
    internal abstract void Refuse(Exception reason);

    protected abstract Task Start(object grain);

    /// <summary>Takes over the completed work's result or exception.</summary>
    protected abstract void Complete(Task work);

    private void Finish()
    {
        activation!.Finished(this);
        Complete(work!);
    }
}
