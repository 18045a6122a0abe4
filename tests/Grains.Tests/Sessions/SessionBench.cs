using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Storage;
using SessionCluster.Bindings;
using SessionCluster.Geo;
using SessionCluster.Grains.Tests.Bindings;
using SessionCluster.Sessions;
using SessionCluster.Storage;
using SessionCluster.Users;

namespace SessionCluster.Grains.Tests.Sessions;

/// <summary>One session's grain over a stored row, beside a user's grain that is made up. Leases last five seconds.</summary>
internal sealed class SessionBench : IEndedSessions
{
    public const string Berlin = "1.2.3.4";

    /// <summary>In the same network as <see cref="Berlin"/>.</summary>
    public const string BerlinToo = "1.2.3.5";

    /// <summary>In another network.</summary>
    public const string Elsewhere = "9.9.9.9";

    public static readonly TimeSpan LeaseLength = TimeSpan.FromSeconds(5);

    public static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    private readonly SessionId _id = new(new Guid(1, 2, 3, new byte[8]));

    public SessionBench() => Row.Stored = new SessionV1
    {
        Id = _id.Value,
        UserPk = "42",
        Created = Time.GetUtcNow(),
        Expires = Time.GetUtcNow().AddHours(1),
        AuthMethod = "password",
        NetworkBinding = NetworkBinding.Asn,
        LastIp = Berlin,
        LastUserAgent = "Firefox",
        LastUsed = Time.GetUtcNow(),
    };

    public TwoClocks Time { get; } = new();

    public FakeUser User { get; } = new();

    public FakeMembership Membership { get; } = new();

    /// <summary>F.</summary>
    public TimeSpan LedgerFreshness { get; set; }

    public FakeRow<SessionV1> Row { get; } = new();

    public OwnEdge? OwnEdge { get; set; }

    public FakeActivation Activation { get; private set; } = null!;

    /// <summary>What is kept of the session, once it has ended.</summary>
    public EndedSession? Kept { get; set; }

    /// <summary>What the row holds.</summary>
    public SessionV1 Stored => Row.Stored!;

    public void Store(Func<SessionV1, SessionV1> change) => Row.Stored = change(Stored);

    public void KeepEnded(EndReason reason, BindingBreak? binding = null) => Kept = new EndedSession(_id, new UserId("42"), reason, binding);

    /// <summary>Makes the next write fail because the row was deleted by the commit that ended the session.</summary>
    public void EndBeforeTheNextWrite() => Row.Writes.Enqueue(() =>
    {
        Row.Stored = null;
        throw Conflict();
    });

    /// <summary>Makes the next write fail because there is no room for it.</summary>
    public void FillTheDisk() => Row.Writes.Enqueue(() => throw new StorageUnavailableException("The disk is full.", outcomeUnknown: false));

    /// <summary>Makes the next write fail because another activation wrote the row.</summary>
    public void ChangeBeforeTheNextWrite(Func<SessionV1, SessionV1> change) => Row.Writes.Enqueue(() =>
    {
        Store(change);
        throw Conflict();
    });

    public async Task<SessionGrain> Activate()
    {
        var geo = new FakeGeoLookup()
            .Put(Berlin, new AsnInfo(1, "Net", "1.0.0.0/8")).Put(BerlinToo, new AsnInfo(1, "Net", "1.0.0.0/8")).Put(Elsewhere, new AsnInfo(2, "Other", "9.0.0.0/8"));
        var leases = Options.Create(new LeaseOptions { Duration = "seconds=5", LedgerFreshness = LedgerFreshness });
        var services = new SessionGrainServices(this, geo, Membership, Time, leases, NullLogger<SessionGrain>.Instance, OwnEdge);
        var users = MadeUpGrains.Factory((contract, key) =>
        {
            Assert.Equal((typeof(IUserGrain), new UserId("42").GrainKey), (contract, key));
            return User;
        });
        await Row.ReadStateAsync();
        Row.Reads = 0;
        Activation = new FakeActivation("session", _id.GrainKey, users);
        var grain = Activation.Make(() => new SessionGrain(Row, services));
        await grain.OnActivateAsync(CancellationToken.None);
        return grain;
    }

    /// <summary>How often it was looked for what is kept of the session's end.</summary>
    public int EndedReads { get; private set; }

    Task<EndedSession?> IEndedSessions.Find(SessionId id, DateTimeOffset since)
    {
        Assert.Equal(_id, id);
        Assert.Equal(Time.GetUtcNow() - TimeSpan.FromHours(24), since);
        EndedReads++;
        return Task.FromResult(Kept);
    }

    Task<ImmutableArray<SessionId>> IEndedSessions.OfRevision(UserId user, long revision) => throw new NotSupportedException();

    private static InconsistentStateException Conflict() => new("The row is at another version.", "2", "1");
}

/// <summary>What tests do with a session's grain, in one call each.</summary>
internal static class SessionUses
{
    public static Task<ValidateResult> Validate(this SessionGrain grain, string ip = SessionBench.Berlin, string agent = "Firefox") =>
        grain.Validate(new ValidateCommand(new ClientFacts(ip, agent, "GET", "/", "{}", "")));

    public static async Task<SessionStatus> Check(this SessionGrain grain, string ip = SessionBench.Berlin) => (await grain.Validate(ip)).Status;

    public static Task IsTold(this SessionGrain grain) => grain.Ended();
}
