using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Linq.Expressions;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace SessionCluster.Embedded;

/// <summary>A grain class, compiled once per process: what it is called, implements and is constructed from.</summary>
internal sealed class GrainClass
{
    private static readonly ConcurrentDictionary<Type, Lazy<GrainClass>> Known = new();

    private GrainClass(Type type)
    {
        Type = type;
        GrainType = type.GetCustomAttribute<GrainTypeAttribute>()?.GrainType
            ?? throw new NotSupportedException($"Grain class {type.FullName} must have a [GrainType].");
        Contracts = [.. type.GetInterfaces().Where(IsContract)];
        if (Contracts.Count == 0)
        {
            throw new NotSupportedException($"Grain class {type.FullName} must implement a contract derived from IGrainWithStringKey.");
        }

        var constructors = type.GetConstructors();
        if (constructors.Length != 1)
        {
            throw new NotSupportedException($"Grain class {type.FullName} must have one public constructor.");
        }

        StateNames = [.. constructors[0].GetParameters().Select(StateName).OfType<string>().Distinct(StringComparer.Ordinal)];
        Create = Compile(constructors[0]);
    }

    internal Type Type { get; }

    /// <summary>The durable name.</summary>
    internal string GrainType { get; }

    internal IReadOnlyList<Type> Contracts { get; }

    internal ImmutableArray<string> StateNames { get; }

    /// <summary>Constructs an instance; its states are not read yet.</summary>
    internal Func<IServiceProvider, GrainParts, Grain> Create { get; }

    /// <exception cref="NotSupportedException">The class has a shape that this engine does not run.</exception>
    internal static GrainClass Of(Type type) =>
        Known.GetOrAdd(type, static type => new Lazy<GrainClass>(() => new GrainClass(type))).Value;

    private static bool IsContract(Type type) => type != typeof(IGrainWithStringKey) && type.IsAssignableTo(typeof(IGrainWithStringKey));

    private static string? StateName(ParameterInfo parameter) => parameter.GetCustomAttribute<PersistentStateAttribute>()?.StateName;

    private static Func<IServiceProvider, GrainParts, Grain> Compile(ConstructorInfo constructor)
    {
        var services = Expression.Parameter(typeof(IServiceProvider));
        var parts = Expression.Parameter(typeof(GrainParts));
        var arguments = constructor.GetParameters().Select(parameter => Argument(parameter, services, parts));
        return Expression.Lambda<Func<IServiceProvider, GrainParts, Grain>>(Expression.New(constructor, arguments), services, parts).Compile();
    }

    private static Expression Argument(ParameterInfo parameter, Expression services, Expression parts)
    {
        var type = parameter.ParameterType;
        if (StateName(parameter) is { } name)
        {
            return type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IPersistentState<>)
                ? Expression.Call(parts, nameof(GrainParts.State), type.GetGenericArguments(), Expression.Constant(name))
                : throw new NotSupportedException($"{parameter.Member.DeclaringType} asks for a state as {type}, not as IPersistentState<T>.");
        }

        return type == typeof(IGrainFactory)
            ? Expression.Property(parts, nameof(GrainParts.GrainFactory))
            : Expression.Call(typeof(ServiceProviderServiceExtensions), nameof(ServiceProviderServiceExtensions.GetRequiredService), [type], services);
    }
}

/// <summary>What a grain under construction gets from its activation.</summary>
internal sealed class GrainParts(Activation activation)
{
    internal IGrainFactory GrainFactory => activation.GrainFactory;

    /// <summary>The states handed out so far; they are read once the grain is constructed.</summary>
    internal List<IStoredState> States { get; } = [];

    internal IPersistentState<T> State<T>(string name)
    {
        var state = new PersistentState<T>(activation, activation.Table.Class.StateNames.IndexOf(name));
        States.Add(state);
        return state;
    }
}
