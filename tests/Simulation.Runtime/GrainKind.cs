using System.Reflection;
using Orleans.Concurrency;

namespace SessionCluster.Simulation.Runtime;

/// <summary>A grain class: its name, its contracts and how Orleans constructs it.</summary>
internal sealed class GrainKind(IServiceProvider services, Type grainClass)
{
    public GrainType Type { get; } = grainClass.GetCustomAttribute<GrainTypeAttribute>()!.GetGrainType(services, grainClass);

    public IReadOnlyList<Type> Contracts { get; } = [.. grainClass.GetInterfaces().Where(OrleansParts.IsContract)];

    public IGrainActivator Activator { get; } = new DefaultGrainActivator(services, Supported(grainClass));

    private static Type Supported(Type grainClass) => grainClass.IsDefined(typeof(ReentrantAttribute)) || grainClass.IsDefined(typeof(MayInterleaveAttribute))
        ? throw new NotSupportedException($"{grainClass}: reentrant grains are not simulated.")
        : grainClass;
}
