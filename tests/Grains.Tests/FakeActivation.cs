using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Timers;

namespace SessionCluster.Grains.Tests;

/// <summary>
/// What a grain finds around it, without a silo: its key and other grains. Turns are the test's own: it calls the grain as it likes. The
/// simulation and the domain tests run the same grains with Orleans' turns.
/// </summary>
internal sealed class FakeActivation
{
    private readonly IGrainContext _context;

    public FakeActivation(string type, string key, IGrainFactory grains)
    {
        var timers = Stub.Of<ITimerRegistry>((_, args) =>
        {
            Timers.Add(() => (Task)((Delegate)args[1]!).DynamicInvoke(args[2], CancellationToken.None)!);
            return Stub.Of<IGrainTimer>((_, _) => null);
        });
        var runtime = Stub.Of<IGrainRuntime>((method, args) => method.Name switch
        {
            "get_GrainFactory" => grains,
            "get_TimerRegistry" => timers,
            nameof(IGrainRuntime.DeactivateOnIdle) => IsLeaving = true,
            nameof(IGrainRuntime.DelayDeactivation) => Stays = (TimeSpan)args[1]!,
            _ => throw new NotSupportedException(method.Name),
        });
        var services = new ServiceCollection().AddSingleton(runtime).BuildServiceProvider();
        var id = GrainId.Create(type, key);
        _context = Stub.Of<IGrainContext>((method, _) => method.Name switch
        {
            "get_GrainId" => id,
            "get_ActivationServices" => services,
            _ => throw new NotSupportedException(method.Name),
        });
    }

    /// <summary>The ticks of the timers that the grain has made; the test calls them.</summary>
    public List<Func<Task>> Timers { get; } = [];

    /// <summary>The grain asked to leave the memory.</summary>
    public bool IsLeaving { get; private set; }

    /// <summary>For how long the grain asked to stay in memory; null when it did not.</summary>
    public TimeSpan? Stays { get; private set; }

    /// <summary>Constructs the grain as if this activation were being made.</summary>
    public TGrain Make<TGrain>(Func<TGrain> construct)
        where TGrain : Grain
    {
        SetRuntimeContext(null, _context);
        try
        {
            return construct();
        }
        finally
        {
            SetRuntimeContext(null, null);
        }
    }

    /// <summary>Orleans' thread-static notion of the grain that runs, which a grain's constructor reads; there is no public way to set it.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.StaticMethod, Name = "ResetExecutionContext")]
    private static extern void SetRuntimeContext([UnsafeAccessorType("Orleans.Runtime.RuntimeContext, Orleans.Core.Abstractions")] object? type, IGrainContext? context);
}
