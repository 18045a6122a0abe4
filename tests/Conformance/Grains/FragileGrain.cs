namespace SessionCluster.Conformance.Tests.Grains;

/// <summary>A grain that fails to begin while the signal "break constructor KEY" or "break activate KEY" is given.</summary>
[Alias("cf.fragile")]
public interface IFragileGrain : IGrainWithStringKey
{
    [Alias("hello")]
    Task<string> Hello();
}

[GrainType("cf-fragile")]
public sealed class FragileGrain : Grain, IFragileGrain
{
    private readonly Signals _signals;

    public FragileGrain(Signals signals)
    {
        _signals = signals;
        if (_signals.IsGiven($"break constructor {this.GetPrimaryKeyString()}"))
        {
            throw new InvalidOperationException("Fragile constructor.");
        }
    }

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        if (_signals.IsGiven($"break activate {this.GetPrimaryKeyString()}"))
        {
            throw new InvalidOperationException("Fragile activation.");
        }
    }

    public Task<string> Hello() => Task.FromResult("hello");
}

/// <summary>A grain that ends soon when it is not called.</summary>
[Alias("cf.brief")]
public interface IBriefGrain : IGrainWithStringKey
{
    /// <summary>Starts a timer that ticks often; it must not keep the grain alive.</summary>
    [Alias("tick")]
    Task Tick();

    /// <summary>Delays its leaving by a minute.</summary>
    [Alias("stay")]
    Task Stay();
}

[GrainType("cf-brief")]
public sealed class BriefGrain(Signals signals) : Grain, IBriefGrain
{
    public Task Tick()
    {
        this.RegisterGrainTimer(_ => Task.CompletedTask, new GrainTimerCreationOptions(TimeSpan.Zero, TimeSpan.FromMilliseconds(50)));
        return Task.CompletedTask;
    }

    public Task Stay()
    {
        DelayDeactivation(TimeSpan.FromMinutes(1));
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        signals.Give($"left {this.GetPrimaryKeyString()}", reason.ReasonCode.ToString());
        return Task.CompletedTask;
    }
}
