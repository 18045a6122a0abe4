using SessionCluster.Bindings;
using SessionCluster.Devices;
using SessionCluster.Domain.Tests.Clusters;
using SessionCluster.Events;
using SessionCluster.LoginStage;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Domain.Tests;

/// <summary>A user that no other test has, as the edge would speak for them.</summary>
internal sealed class DomainUser(IDomainCluster cluster)
{
    private static int _users;

    public UserId Id { get; } = new($"user-{Interlocked.Increment(ref _users)}-{Guid.NewGuid():N}");

    public IUserGrain Grain => cluster.Grains.User(Id);

    public static StageInfo Stage(
        string duration = "hours=1", bool terminate = false, NetworkBinding network = NetworkBinding.None,
        GeoIpBinding geo = GeoIpBinding.None, string rememberMe = "seconds=0", string rememberDevice = "seconds=0") =>
        new(Guid.Empty, "stage", Duration.Load(duration), Duration.Load(rememberMe), Duration.Load(rememberDevice), terminate, network, geo);

    public static ClientFacts Client(string ip = Places.Berlin) => new(ip, "agent", "GET", "/", "{}", "");

    public LoginCommand Command(StageInfo? stage = null, string ip = Places.Berlin, string? key = null, string body = "body") => new(
        new UserFacts(Id, $"name-{Id}", "", ""), true, stage ?? Stage(), null, Client(ip), null, null, false, "password", "{}", null, null, null,
        key is null ? null : new Idempotency($"{Id}-{key}", body));

    /// <summary>Logs in, and tells what that ended.</summary>
    public Task<(SessionInfo Session, Receipt Receipt, DeviceCookieClaim? Device)> Login(StageInfo? stage = null, string? key = null) =>
        Login(Command(stage, key: key));

    public async Task<(SessionInfo Session, Receipt Receipt, DeviceCookieClaim? Device)> Login(LoginCommand command)
    {
        var login = await Grain.Login(command);
        Assert.True(login.IsLoggedIn, $"{login.Outcome}");
        return (login.Session, await Grain.Tell(login.Ending), login.DeviceCookie);
    }

    public async Task<Receipt> End(SessionId[]? sessions = null, SessionId? except = null, string? key = null)
    {
        var end = await Grain.End(new EndCommand(sessions is null ? null : [.. sessions], EndReason.LoggedOut, Except: except, Idempotency: key is null ? null : new Idempotency($"{Id}-{key}", "body")));
        return await Grain.Tell(end.Ending!);
    }

    public async Task<Receipt> SetActive(bool active) => await Grain.Tell((await Grain.SetActive(new SetActiveCommand(active, null, null))).Ending!);

    public ISessionGrain Session(SessionId id) => cluster.Grains.Session(id);

    public async Task<SessionStatus> Check(SessionId id, string ip = Places.Berlin) =>
        (await Session(id).Validate(new ValidateCommand(Client(ip)))).Status;

    /// <summary>The ids of their live sessions, by the list.</summary>
    public async Task<SessionId[]> Listed() => [.. (await cluster.Grains.GetGrain<ISessionListGrain>(ISessionListGrain.KeyFor(0)).Search(
        new SessionQuery(SessionOrder.Created, Descending: false, 0, 100, User: Id))).Sessions.Select(s => s.Id)];

    public async Task<EventInfo[]> Events(string action) => [.. (await cluster.Grains.GetGrain<IEventListGrain>(IEventListGrain.KeyFor(0)).Search(
        new EventQuery([action], $"name-{Id}", null, null, false, 0, 100))).Events];
}
