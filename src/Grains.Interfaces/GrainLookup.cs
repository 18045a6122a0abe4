namespace SessionCluster;

/// <summary>
/// The grains of sessions and users, by their typed ids. The names of their contracts are given here: where a contract is known by its type
/// alone, Orleans reads its attributes anew for every reference, 6 % of what it costs to renew a share (docs/benchmarks.md).
/// </summary>
public static class GrainLookup
{
    /// <summary>The type of the grain of a session, and the name of its contract.</summary>
    public const string SessionName = "session";

    /// <summary>The type of the grain of a user, and the name of its contract.</summary>
    public const string UserName = "user";

    private static readonly (GrainType Grain, GrainInterfaceType Contract) SessionType = TypeOf(SessionName);

    private static readonly (GrainType Grain, GrainInterfaceType Contract) UserType = TypeOf(UserName);

    /// <summary>The grain of a session.</summary>
    public static ISessionGrain Session(this IGrainFactory grains, SessionId session) =>
        (ISessionGrain)grains.GetGrain(GrainId.Create(SessionType.Grain, session.GrainKey), SessionType.Contract);

    /// <summary>The grain of a user.</summary>
    public static IUserGrain User(this IGrainFactory grains, UserId user) =>
        (IUserGrain)grains.GetGrain(GrainId.Create(UserType.Grain, user.GrainKey), UserType.Contract);

    private static (GrainType Grain, GrainInterfaceType Contract) TypeOf(string name) => (GrainType.Create(name), GrainInterfaceType.Create(name));
}
