using Microsoft.Extensions.Time.Testing;
using SessionCluster.Api.Edge;
using SessionCluster.Bindings;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Api.Tests.Edge;

/// <summary>The sessions of a process, beside a session's grain that answers as a test says. Shares last five seconds.</summary>
internal sealed class EdgeBench
{
    public const string Ip = "192.0.2.1";

    public static readonly TimeSpan Share = TimeSpan.FromSeconds(5);

    public EdgeBench(int most = 10) => Edge = new EdgeSessions(
        MadeUpGrains.Factory((_, key) => Grain(SessionId.FromGrainKey(key))), Time, most, new Guid(7, 0, 0, new byte[8]));

    public FakeTimeProvider Time { get; } = new();

    public EdgeSessions Edge { get; }

    /// <summary>The checks that reached the grain.</summary>
    public List<ValidateCommand> Asked { get; } = [];

    /// <summary>What the grain's answer waits for.</summary>
    public Func<Task> Answering { get; set; } = () => Task.CompletedTask;

    /// <summary>What the grain answers.</summary>
    public Func<SessionId, ValidateResult> Answer { get; set; } = Active;

    public static SessionId Session(int number = 1) => new(new Guid(number, 0, 0, new byte[8]));

    public static ValidateResult Active(SessionId id) => new(
        SessionStatus.Active,
        new SessionInfo(
            id, new UserFacts(new UserId("1"), "jane", "", ""), default, default, false, "password", false,
            NetworkBinding.None, GeoIpBinding.None, Ip, "", default, null, null, null),
        null,
        Share);

    /// <summary>A check as the endpoints make it: from memory, else by the grain.</summary>
    public async Task<SessionStatus> Check(SessionId session, string ip = Ip, UInt128 mac = default) =>
        Edge.Find(session, ip) is not null ? SessionStatus.Active : await Ask(session, ip, mac);

    public async Task<SessionStatus> Ask(SessionId session, string ip = Ip, UInt128 mac = default) =>
        (await Edge.Ask(session, new ClientFacts(ip, "", "", "", "{}", ""), (_, _) => new ReadyAnswers(mac))).Result.Status;

    private ISessionGrain Grain(SessionId session) => Stub.Of<ISessionGrain>((_, arguments) => Validate(session, (ValidateCommand)arguments[0]!));

    private async Task<ValidateResult> Validate(SessionId session, ValidateCommand command)
    {
        Asked.Add(command);
        await Answering();
        return Answer(session);
    }
}
