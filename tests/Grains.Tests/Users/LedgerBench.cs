using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SessionCluster.Bindings;
using SessionCluster.Devices;
using SessionCluster.LoginStage;
using SessionCluster.Sessions;
using SessionCluster.Storage;
using SessionCluster.Users;

namespace SessionCluster.Grains.Tests.Users;

/// <summary>A user's ledger and live sessions without a grain: decisions are committed by hand.</summary>
internal sealed class LedgerBench : IIdSource
{
    public static readonly TimeSpan LeaseLength = TimeSpan.FromSeconds(5);

    private readonly Leases _leases;
    private int _ids;

    public LedgerBench()
    {
        _leases = new Leases(new UserGrainServices(
            null!, null!, this, new SingleProcessMembership(), Time, new OptionsWrapper<SessionOptions>(Options),
            new OptionsWrapper<LeaseOptions>(new LeaseOptions { Duration = "seconds=5", MaxUnknownTold = 3 }), NullLogger<UserGrain>.Instance));
        Live = new LiveSessions(_leases);
    }

    public FakeTimeProvider Time { get; } = new();

    public LedgerV1 State { get; private set; } = new();

    public LiveSessions Live { get; }

    public SessionOptions Options { get; } = new();

    public LedgerV1? LastCommit { get; private set; }

    public static UserFacts Jane { get; } = new(new UserId("42"), "jane", "j@example.org", "Jane");

    public static ClientFacts Client(string ip = "1.2.3.4") => new(ip, "Firefox", "POST", "/login", """{"next":"/"}""", "req-1");

    public static StageInfo Stage(
        string duration = "hours=1", string offset = "seconds=0", string device = "days=30", bool terminate = false,
        NetworkBinding network = NetworkBinding.None, GeoIpBinding geo = GeoIpBinding.None) => new(
        Guid.Empty, "default", Duration.Load(duration), Duration.Load(offset), Duration.Load(device), terminate, network, geo);

    public static LoginCommand Command(
        StageInfo? stage = null, string ip = "1.2.3.4", bool? remember = null, DeviceCookieClaim? device = null,
        SessionId? previous = null, bool active = true, bool? known = null, Idempotency? key = null, bool otherUsers = false) => new(
        Jane, active, stage ?? Stage(), remember, Client(ip), device, previous, otherUsers, "password", """{"mfa":true}""", known, null, null, key);

    public Guid NewId() => new(0, 0, 0, 0, 0, 0, 0, 0, 0, (byte)(++_ids >> 8), (byte)_ids);

    public Guid NewEventId(DateTimeOffset moment) => NewId();

    public Ledger Ledger() => new(Jane.Id, State, Live, Options, this, Time.GetUtcNow(), membership: 0);

    public void GrantLease(SessionId id)
    {
        Assert.True(Live.TryGet(id, out var session));
        _leases.Grant(session);
    }

    public TResult Commit<TResult>(Func<Ledger, Decision<LedgerV1, TResult>> decide)
    {
        var decision = decide(Ledger());
        LastCommit = decision.Next;
        if (decision.Next is { } next)
        {
            State = next.AtRest();
            Live.Apply(next);
        }

        return decision.Answer;
    }

    public LoginResult Login(LoginCommand command) => Commit(l => l.Login(command, null, null));

    public SessionId LoggedIn(LoginCommand? command = null) => Login(command ?? Command()).Session!.Id;

    public Ending End(EndReason reason = EndReason.LoggedOut, SessionId? except = null, params SessionId[] sessions) => Commit(
        l => l.End(new EndCommand(sessions.Length == 0 ? null : [.. sessions], reason, Except: except, Client: Client()), null, null)).Ending!;
}
