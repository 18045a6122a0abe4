namespace SessionCluster.Testing;

/// <summary>Grains that a test makes up, behind Orleans' factory.</summary>
public static class MadeUpGrains
{
    /// <summary>A factory that knows the one way in which the product asks it, by contract and key.</summary>
    /// <param name="find">The grain of a contract and a key.</param>
    public static IGrainFactory Factory(Func<Type, string, object> find) => Stub.Of<IGrainFactory>((method, arguments) =>
        method is { Name: nameof(IGrainFactory.GetGrain), IsGenericMethod: true } && arguments is [string key, ..]
            ? find(method.GetGenericArguments()[0], key)
            : throw new NotSupportedException($"{method}"));
}
