namespace SessionCluster;

/// <summary>
/// The grains of logins and checks, by their typed ids. The names of their contracts are given here: where a contract is known by its type
/// alone, Orleans reads its attributes again for every reference, 6 % of what it costs to renew a share (docs/benchmarks.md).
/// </summary>
public static class GrainLookup
{
    /// <summary>The type of the grain of a session, and the name of its contract.</summary>
    public const string SessionName = "session";

    /// <summary>The type of the grain of a user, and the name of its contract.</summary>
    public const string UserName = "user";

    /// <summary>The type of the grain of the stages, and the name of its contract.</summary>
    public const string StagesName = "stages";

    private static readonly (GrainType Grain, GrainInterfaceType Contract) SessionType = TypeOf(SessionName);

    private static readonly (GrainType Grain, GrainInterfaceType Contract) UserType = TypeOf(UserName);

    private static readonly (GrainType Grain, GrainInterfaceType Contract) StagesType = TypeOf(StagesName);

    /// <summary>The grain of a session.</summary>
    public static ISessionGrain Session(this IGrainFactory grains, SessionId session) => (ISessionGrain)grains.Find(SessionType, session.GrainKey);

    /// <summary>The grain of a user.</summary>
    public static IUserGrain User(this IGrainFactory grains, UserId user) => (IUserGrain)grains.Find(UserType, user.GrainKey);

    /// <summary>The grain of all stages.</summary>
    public static IStageCatalogGrain Stages(this IGrainFactory grains) => (IStageCatalogGrain)grains.Find(StagesType, IStageCatalogGrain.Key);

    /// <summary>The stage of a primary key, whatever others are named; null when there is none.</summary>
    public static async Task<StageInfo?> Stage(this IGrainFactory grains, Guid pk) => await grains.Stages().Find(pk.ToString("D")) is { } stage && stage.Pk == pk ? stage : null;

    private static IAddressable Find(this IGrainFactory grains, (GrainType Grain, GrainInterfaceType Contract) type, string key) =>
        grains.GetGrain(GrainId.Create(type.Grain, key), type.Contract);

    private static (GrainType Grain, GrainInterfaceType Contract) TypeOf(string name) => (GrainType.Create(name), GrainInterfaceType.Create(name));
}
