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
    private TickKind _kind;
    private IGrainTimer? _timer;
    private int _ticks;
    private int _inside;

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        signals.Give($"left {this.GetPrimaryKeyString()}", $"{_ticks}");
        return Task.CompletedTask;
    }

    public Task Start(TickKind kind)
    {
        _kind = kind;
        _timer = this.RegisterGrainTimer(Tick, new GrainTimerCreationOptions(TimeSpan.Zero, TimeSpan.FromMilliseconds(10)));
        return Task.CompletedTask;
    }

    public async Task<int> StartAndHold(string name)
    {
        await Start(TickKind.Plain);
        signals.Give($"begun {name}");
        await signals.Wait(name);
        return _ticks;
    }

    public Task<int> Ticks() => Task.FromResult(_ticks);

    public Task Step()
    {
        signals.Give($"step {this.GetPrimaryKeyString()}");
        return Task.CompletedTask;
    }

    public Task Stop()
    {
        _timer?.Dispose();
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
        _ticks++;
        if (++_inside > 1)
        {
            signals.Give($"overlap {key}");
        }

        signals.Give($"tick {_ticks} {key}");
        if (_kind == TickKind.Lasting)
        {
            await signals.Wait($"open {key}");
        }

        _inside--;
        if (_kind == TickKind.Throwing)
        {
            throw new InvalidOperationException("A bad tick.");
        }
    }
}
