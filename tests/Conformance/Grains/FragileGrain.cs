using System.Collections.Concurrent;

namespace SessionCluster.Conformance.Tests;

/// <summary>A grain that may fail to begin.</summary>
[Alias("cf.fragile")]
public interface IFragileGrain : IGrainWithStringKey
{
    [Alias("hello")]
    Task<string> Hello();
}

[GrainType("cf-fragile")]
public sealed class FragileGrain : Grain, IFragileGrain
{
    public FragileGrain()
    {
        if (Broken.ContainsKey($"constructor {this.GetPrimaryKeyString()}"))
        {
            throw new InvalidOperationException("Fragile constructor.");
        }
    }

    /// <summary>"constructor KEY" or "activate KEY" for each that shall fail.</summary>
    public static ConcurrentDictionary<string, bool> Broken { get; } = new();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        if (Broken.ContainsKey($"activate {this.GetPrimaryKeyString()}"))
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
}

[GrainType("cf-brief")]
public sealed class BriefGrain : Grain, IBriefGrain
{
    public Task Tick()
    {
        this.RegisterGrainTimer(_ => Task.CompletedTask, new GrainTimerCreationOptions(TimeSpan.Zero, TimeSpan.FromMilliseconds(50)));
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Signals.Give($"left {this.GetPrimaryKeyString()}", reason.ReasonCode.ToString());
        return Task.CompletedTask;
    }
}
