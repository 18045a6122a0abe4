using Orleans.Serialization.Invocation;

namespace SessionCluster.Simulation.Runtime;

/// <summary>What an activation or an observer starts and waits for: a call that has arrived, or a tick of a timer.</summary>
internal abstract class SimRequest
{
    public abstract string Name { get; }

    public abstract bool Interleaves { get; }

    /// <summary>False for a tick: it does not keep the activation, and ends with it.</summary>
    public virtual bool IsCall => true;

    /// <summary>True once its caller no longer waits; then it is not begun any more.</summary>
    public virtual bool IsExpired => false;

    public int Reroutes { get; set; }

    /// <summary>When it was begun, as a timestamp.</summary>
    public long Began { get; set; }

    /// <summary>It was sent on to where it is; it is not sent on again, should views differ.</summary>
    public bool IsForwarded { get; init; }

    /// <summary>The same request as another process receives it.</summary>
    public virtual SimRequest ForwardTo(SimProcess process) => this;

    public abstract ValueTask<Response> Invoke(ITargetHolder target);

    public abstract void Done(Response response);
}
