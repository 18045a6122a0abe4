using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.CodeGeneration;
using Orleans.Metadata;
using Orleans.Serialization;
using Orleans.Serialization.Cloning;
using Orleans.Serialization.Configuration;
using Orleans.Serialization.Invocation;
using Orleans.Serialization.Serializers;

namespace SessionCluster.Simulation.Runtime;

/// <summary>
/// What is taken from Orleans as it is, once for all histories: the services of a silo that is never started, and from them the
/// serializer, the generated references, the grain constructor and the persistent states.
/// </summary>
internal static class OrleansParts
{
    private static readonly ServiceProvider Root = BuildRoot();
    private static readonly GrainInterfaceTypeResolver InterfaceTypes = Root.GetRequiredService<GrainInterfaceTypeResolver>();
    private static readonly Dictionary<Type, Contract> Contracts = FindContracts();
    private static readonly ConcurrentDictionary<Type, GrainKind> Kinds = [];
    private static readonly CodecProvider Codecs = Root.GetRequiredService<CodecProvider>();
    private static readonly CopyContextPool CopyContexts = Root.GetRequiredService<CopyContextPool>();

    public static Serializer Serializer { get; } = Root.GetRequiredService<Serializer>();

    public static DeepCopier<Response> ResponseCopier { get; } = Root.GetRequiredService<DeepCopier>().GetCopier<Response>();

    /// <summary>Services of one history: Orleans keeps what it makes for a storage as long as its container, here as long as this scope.</summary>
    public static IServiceScope NewScope() => Root.CreateScope();

    public static GrainKind KindOf(Type grainClass) => Kinds.GetOrAdd(grainClass, static type => new GrainKind(Root, type));

    public static bool IsContract(Type type) => Contracts.ContainsKey(type);

    public static Type ContractOf(GrainInterfaceType name) => Contracts.First(c => c.Value.Name == name).Key;

    /// <summary>What all references of a process to one kind of grain, or to its observers, have in common.</summary>
    public static GrainReferenceShared Share(Type contract, GrainType target, IGrainReferenceRuntime process) =>
        new(target, Contracts[contract].Name, 0, process, InvokeMethodOptions.None, Codecs, CopyContexts, Root);

    public static GrainReference NewReference(Type contract, GrainReferenceShared shared, IdSpan key) => Contracts[contract].Create.Value(shared, key);

    /// <summary>Sets Orleans' own notion of the grain that runs on this thread, which grains' constructors and states read. It is internal there.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.StaticMethod, Name = "ResetExecutionContext")]
    public static extern void SetRuntimeContext([UnsafeAccessorType("Orleans.Runtime.RuntimeContext, Orleans.Core.Abstractions")] object? type, IGrainContext? context);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_IsSourceActivation")]
    public static extern bool IsFromHere(InconsistentStateException exception);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_IsSourceActivation")]
    public static extern void SetFromHere(InconsistentStateException exception, bool value);

    private static ServiceProvider BuildRoot()
    {
        var services = new ServiceCollection();
        services.AddOrleans(static _ => { });
        services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        ICollection<ServiceDescriptor> descriptors = services;
        var map = services.Single(s => s.ServiceType.FullName == "Orleans.Core.StateStorageBridgeSharedMap");
        descriptors.Remove(map);
        descriptors.Add(ServiceDescriptor.Describe(map.ServiceType, map.ImplementationType!, ServiceLifetime.Scoped));
        services.AddSingleton(DispatchProxy.Create<IGrainFactory, ReadingFactory>());
        return services.BuildServiceProvider();
    }

    private static Dictionary<Type, Contract> FindContracts()
    {
        Dictionary<Type, Contract> found = [];
        foreach (var proxy in Root.GetRequiredService<IOptions<TypeManifestOptions>>().Value.InterfaceProxies.Where(p => !p.IsGenericType))
        {
            if (proxy.GetConstructor([typeof(GrainReferenceShared), typeof(IdSpan)]) is not { } constructor)
            {
                continue;
            }

            var create = new Lazy<Func<GrainReferenceShared, IdSpan, GrainReference>>(() =>
            {
                var (shared, key) = (Expression.Parameter(typeof(GrainReferenceShared)), Expression.Parameter(typeof(IdSpan)));
                return Expression.Lambda<Func<GrainReferenceShared, IdSpan, GrainReference>>(Expression.New(constructor, shared, key), shared, key).Compile();
            });
            foreach (var contract in proxy.GetInterfaces().Where(i => typeof(IAddressable).IsAssignableFrom(i) && i.Assembly == proxy.Assembly && !IsOfOrleans(i)))
            {
                found[contract] = new Contract(InterfaceTypes.GetGrainInterfaceType(contract), create);
            }
        }

        return found;
    }

    private static bool IsOfOrleans(Type contract) => contract.Namespace?.StartsWith("Orleans", StringComparison.Ordinal) == true;

    /// <summary>The interface of a grain or an observer: Orleans' name for it, and how a reference is made.</summary>
    private sealed record Contract(GrainInterfaceType Name, Lazy<Func<GrainReferenceShared, IdSpan, GrainReference>> Create);

    /// <summary>
    /// Orleans' serializer asks it for the references that come out of a message: they belong to the process that reads the message.
    /// </summary>
    private class ReadingFactory : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Invoke(SimProcess.Reading, args);
    }
}
