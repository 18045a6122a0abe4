using System.Diagnostics.CodeAnalysis;

namespace SessionCluster.Embedded;

/// <summary>Something that can be called by its key.</summary>
[SuppressMessage("Design", "CA1040", Justification = "Orleans' name and shape.")]
public interface IGrain;

/// <summary>A grain whose key is text.</summary>
[SuppressMessage("Design", "CA1040", Justification = "Orleans' name and shape.")]
public interface IGrainWithStringKey : IGrain;

/// <summary>The identity of a grain: its class' durable name and its key.</summary>
public readonly record struct GrainId(string Type, string Key)
{
    public override string ToString() => $"{Type}/{Key}";
}

/// <summary>Makes references to grains. Making one activates nothing.</summary>
public interface IGrainFactory
{
    TGrain GetGrain<TGrain>(string primaryKey)
        where TGrain : IGrainWithStringKey;
}

/// <summary>The base of grain classes.</summary>
public abstract class Grain
{
    // A grain is constructed in its activation's first turn, whose synchronization context is the activation.
    internal IGrainContext Context { get; } = (SynchronizationContext.Current as IGrainContext)!;

    /// <summary>Makes references to other grains.</summary>
    protected IGrainFactory GrainFactory => Context.GrainFactory;

    /// <summary>Runs as the activation's first turn, after its states were read. If it throws, waiting calls fail.</summary>
    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs as the activation's last turn. It may never run: the process can end at any moment.</summary>
    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Ends this activation once the present call is done; waiting calls go to the next activation.</summary>
    protected void DeactivateOnIdle() => Context.DeactivateOnIdle();
}

/// <summary>What a grain may ask of its activation.</summary>
internal interface IGrainContext
{
    GrainId GrainId { get; }

    IGrainFactory GrainFactory { get; }

    void DeactivateOnIdle();

    IGrainTimer RegisterTimer<TState>(Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options);
}

/// <summary>Why an activation ends.</summary>
public readonly record struct DeactivationReason(DeactivationReasonCode ReasonCode, string Description);

/// <summary>Kinds of <see cref="DeactivationReason"/>; the subset of Orleans' that occurs here.</summary>
public enum DeactivationReasonCode
{
    None = 0,
    ShuttingDown = 1,
    ActivationFailed = 2,
    ApplicationRequested = 6,
    ActivationIdle = 5,
}

/// <summary>Key and timers of a grain, as Orleans' extension methods offer them.</summary>
public static class GrainExtensions
{
    public static string GetPrimaryKeyString(this Grain grain)
    {
        ArgumentNullException.ThrowIfNull(grain);
        return grain.Context.GrainId.Key;
    }

    /// <summary>Registers a timer whose ticks are turns of this activation: they never interleave, nor keep it alive.</summary>
    public static IGrainTimer RegisterGrainTimer(
        this Grain grain, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return grain.RegisterGrainTimer(static (call, stopping) => call(stopping), callback, options);
    }

    /// <summary>The same with a state that the callback gets: a static one then needs no object for each timer.</summary>
    public static IGrainTimer RegisterGrainTimer<TState>(
        this Grain grain, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options)
    {
        ArgumentNullException.ThrowIfNull(grain);
        ArgumentNullException.ThrowIfNull(callback);
        return grain.Context.RegisterTimer(callback, state, options);
    }
}

/// <summary>A running timer; disposing it stops it.</summary>
public interface IGrainTimer : IDisposable
{
    /// <summary>Sets the next tick and the period; <see cref="Timeout.InfiniteTimeSpan"/> for none.</summary>
    void Change(TimeSpan dueTime, TimeSpan period);
}

/// <summary>How a timer ticks. The period counts from the end of a tick.</summary>
public struct GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period)
{
    public TimeSpan DueTime { get; set; } = dueTime;

    public TimeSpan Period { get; set; } = period;

    /// <summary>True: ticks run between the turns of waiting calls. Embedded supports false only.</summary>
    public bool Interleave { get; set; }

    /// <summary>True: ticks keep the activation alive. Embedded supports false only.</summary>
    public bool KeepAlive { get; set; }
}
