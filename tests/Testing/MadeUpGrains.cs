using System.Reflection;

namespace SessionCluster.Testing;

/// <summary>
/// A grain factory whose grains a test makes up: it finds them by contract and key, which is all that the product asks a factory for.
/// The other ways of asking, about twenty, are refused.
/// </summary>
public class MadeUpGrains : DispatchProxy
{
    private Func<Type, string, object> _find = null!;

    /// <summary>Makes a factory.</summary>
    /// <param name="find">The grain of a contract and a key.</param>
    public static IGrainFactory Factory(Func<Type, string, object> find)
    {
        var factory = Create<IGrainFactory, MadeUpGrains>();
        ((MadeUpGrains)(object)factory)._find = find;
        return factory;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod is { Name: nameof(IGrainFactory.GetGrain), IsGenericMethod: true } && args is [string key, ..]
            ? _find(targetMethod.GetGenericArguments()[0], key)
            : throw new NotSupportedException($"{targetMethod}");
}
