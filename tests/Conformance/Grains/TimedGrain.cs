namespace SessionCluster.Conformance.Tests.Grains;

/// <summary>A grain with a timer.</summary>
[Alias("cf.timed")]
public interface ITimedGrain : IGrainWithStringKey
{
    /// <summary>Starts a timer that ticks at once and every few milliseconds.</summary>
    [Alias("start")]
    Task Start(TickKind kind);

    /// <summary>Starts the timer, then waits for the signal and tells how often it ticked meanwhile.</summary>
    [Alias("start-and-hold")]
    Task<int> StartAndHold(string name);

    [Alias("ticks"), AlwaysInterleave]
    Task<int> Ticks();

    /// <summary>An ordinary call.</summary>
    [Alias("step")]
    Task Step();

    [Alias("stop")]
    Task Stop();

    [Alias("leave")]
    Task Leave();
}

public enum TickKind
{
    /// <summary>Ticks do nothing but be counted.</summary>
    Plain = 0,

    /// <summary>Every tick throws.</summary>
    Throwing = 1,

    /// <summary>The first tick lasts until the signal "open KEY".</summary>
    Lasting = 2,
}

/// <remarks>Gives "tick N KEY" at the Nth tick of a key, over all its activations.</remarks>
[GrainType("cf-timed")]
public sealed class TimedGrain(Signals signals) : Grain, ITimedGrain
{
    private TickKind kind;
    private IGrainTimer? timer;
    private int ticks;
    private int inside;

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        signals.Give($"left {this.GetPrimaryKeyString()}", $"{ticks}");
        return Task.CompletedTask;
    }

    public Task Start(TickKind kind)
    {
        this.kind = kind;
        timer = this.RegisterGrainTimer(Tick, new GrainTimerCreationOptions(TimeSpan.Zero, TimeSpan.FromMilliseconds(10)));
        return Task.CompletedTask;
    }

    public async Task<int> StartAndHold(string name)
    {
        await Start(TickKind.Plain);
        signals.Give($"begun {name}");
        await signals.Wait(name);
        return ticks;
    }

    public Task<int> Ticks() => Task.FromResult(ticks);

    public Task Step()
    {
        signals.Give($"step {this.GetPrimaryKeyString()}");
        return Task.CompletedTask;
    }

    public Task Stop()
    {
        timer?.Dispose();
        return Task.CompletedTask;
    }

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    private async Task Tick(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        ticks++;
        if (++inside > 1)
        {
            signals.Give($"overlap {key}");
        }

        signals.Give($"tick {ticks} {key}");
        if (kind == TickKind.Lasting)
        {
            await signals.Wait($"open {key}");
        }

        inside--;
        if (kind == TickKind.Throwing)
        {
            throw new InvalidOperationException("A bad tick.");
        }
    }
}
