namespace SessionCluster.Testing;

/// <summary>Grains that a test makes up, behind Orleans' factory.</summary>
public static class MadeUpGrains
{
    /// <summary>A factory that knows the two calls which the product makes: for a grain by contract and key, and for a reference to an observer.</summary>
    /// <param name="find">The grain of a contract and a key.</param>
    public static IGrainFactory Factory(Func<Type, string, object> find) => Stub.Of<IGrainFactory>((method, arguments) => (method.Name, arguments) switch
    {
        (nameof(IGrainFactory.GetGrain), [string key, ..]) when method.IsGenericMethod => find(method.GetGenericArguments()[0], key),
        (nameof(IGrainFactory.CreateObjectReference), [var observer]) => observer,
        _ => throw new NotSupportedException($"{method}"),
    });
}
