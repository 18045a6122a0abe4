using SessionCluster.LoginStage;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Testing;

/// <summary>Grains that a test makes up, behind Orleans' factory.</summary>
public static class MadeUpGrains
{
    /// <summary>A factory that knows the ways in which the product asks it: for a grain by contract and key, and for the reference to an object.</summary>
    /// <param name="find">The grain of a contract and a key.</param>
    public static IGrainFactory Factory(Func<Type, string, object> find) => Stub.Of<IGrainFactory>((method, arguments) => (method, arguments) switch
    {
        ({ Name: nameof(IGrainFactory.GetGrain), IsGenericMethod: true }, [string key, ..]) => find(method.GetGenericArguments()[0], key),
        ({ Name: nameof(IGrainFactory.GetGrain), IsGenericMethod: true }, [long key, ..]) => find(method.GetGenericArguments()[0], $"{key}"),
        ({ Name: nameof(IGrainFactory.GetGrain) }, [GrainId id, GrainInterfaceType contract]) => find(ContractOf(contract), id.Key.ToString()!),
        ({ Name: nameof(IGrainFactory.CreateObjectReference) }, [{ } observer]) => observer,
        _ => throw new NotSupportedException($"{method}"),
    });

    private static Type ContractOf(GrainInterfaceType name) => name.ToString() switch
    {
        GrainLookup.SessionName => typeof(ISessionGrain),
        GrainLookup.UserName => typeof(IUserGrain),
        GrainLookup.StagesName => typeof(IStageCatalogGrain),
        _ => throw new NotSupportedException($"{name}"),
    };
}
