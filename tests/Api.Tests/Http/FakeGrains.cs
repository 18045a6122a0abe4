using System.Collections.Concurrent;
using System.Collections.Immutable;
using SessionCluster.Alerts;
using Orleans;
using Orleans.Runtime;
using SessionCluster.Bindings;
using SessionCluster.Devices;
using SessionCluster.Events;
using SessionCluster.LoginStage;
using SessionCluster.Operators;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Api.Tests.Http;

/// <summary>Grains of a few lines, enough to tell what the edge asked them and in which order.</summary>
internal sealed class FakeGrains
{
    public static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    public ConcurrentDictionary<SessionId, SessionInfo> Sessions { get; } = new();

    public ConcurrentDictionary<SessionId, ValidateResult> Refused { get; } = new();

    /// <summary>Whose they are, of live and ended sessions.</summary>
    public ConcurrentDictionary<SessionId, UserId> Owners { get; } = new();

    public ConcurrentDictionary<string, string> Idempotent { get; } = new();

    public ConcurrentQueue<object> Calls { get; } = new();

    public FakeCatalog Catalog { get; } = new();

    public FakeEvents Events { get; } = new();

    /// <summary>The notifications of each user, by the grain's key.</summary>
    public ConcurrentDictionary<string, FakeNotifications> Notifications { get; } = new();

    public FakeSignedOut SignedOut { get; } = new();

    /// <summary>The users of the list.</summary>
    public UserPage Users { get; set; } = new([], HasMore: false);

    /// <summary>What is said of every user.</summary>
    public (bool IsActive, long Revision) State { get; set; } = (true, 5);

    /// <summary>What alerts are made of.</summary>
    public AlertItems Alerts { get; set; } = new(0, [], [], [], []);

    /// <summary>What every transport has not delivered.</summary>
    public Deliveries Deliveries { get; set; } = new([], []);

    /// <summary>The plans, by the grain's key.</summary>
    public ConcurrentDictionary<string, PlanInfo> Plans { get; } = new();

    /// <summary>The cluster's members.</summary>
    public MembershipEntry[] Members { get; set; } = [];

    public FakeList List => new(this);

    public ImmutableArray<DeviceInfo> Devices { get; set; } = [];

    /// <summary>The share of their lease that sessions hand out.</summary>
    public TimeSpan Share { get; set; }

    /// <summary>What Tell waits for; null for nothing.</summary>
    public Task? TellGate { get; set; }

    /// <summary>Scripted outcomes of logins, taken before anything else.</summary>
    public ConcurrentQueue<LoginOutcome> Outcomes { get; } = new();

    public Exception? Fault { get; set; }

    /// <summary>How many calls that store data are refused because the cluster changes meanwhile.</summary>
    public int Changes { get; set; }

    public T Last<T>() => Calls.OfType<T>().Last();

    /// <summary>The grain that the edge asks for.</summary>
    public object Find(Type contract, string key) => Fault is not null ? throw Fault : contract.Name switch
    {
        nameof(IUserGrain) => new FakeUser(this, UserId.FromGrainKey(key)),
        nameof(ISessionGrain) => new FakeSession(this, SessionId.FromGrainKey(key)),
        nameof(ISessionListGrain) => List,
        nameof(IEventListGrain) => Events,
        nameof(IStageCatalogGrain) => Catalog,
        nameof(IAlertCatalogGrain) => Stub.Of<IAlertCatalogGrain>((method, _) =>
            method.Name == nameof(IAlertCatalogGrain.Save) ? Task.FromResult(AlertSaveOutcome.Saved) : (object)Task.FromResult(Alerts)),
        nameof(IAlertDeliveryGrain) => Stub.Of<IAlertDeliveryGrain>((method, _) => method.Name switch
        {
            nameof(IAlertDeliveryGrain.Describe) => Task.FromResult(Deliveries),
            nameof(IAlertDeliveryGrain.Retry) => Task.FromResult(1),
            _ => Task.FromResult<string?>(null),
        }),
        nameof(IPlanGrain) => Stub.Of<IPlanGrain>((method, arguments) => method.Name switch
        {
            nameof(IPlanGrain.Create) => Task.FromResult(Plans.TryAdd(key, (PlanInfo)arguments[0]!)),
            nameof(IPlanGrain.Find) => Task.FromResult(Plans.GetValueOrDefault(key)),
            _ => Task.CompletedTask,
        }),
        nameof(ISignedOutGrain) => SignedOut,
        nameof(IManagementGrain) => Stub.Of<IManagementGrain>((_, _) => Task.FromResult(Members)),
        nameof(IBindingExplainGrain) => new FakeExplain(),
        nameof(INotificationGrain) => Notifications.GetOrAdd(key, _ => new FakeNotifications()),
        _ => throw new NotSupportedException(contract.Name),
    };

    public SessionInfo Add(string user, string username = "jane", string? data = null)
    {
        var facts = new UserFacts(new UserId(user), username, "j@x", "Jane");
        var session = new SessionInfo(
            new SessionId(Guid.NewGuid()), facts, Now, Now.AddDays(1), true, "password", false, NetworkBinding.None, GeoIpBinding.None,
            "1.2.3.4", "curl/8.0", Now, null, null, data);
        Sessions[session.Id] = session;
        Owners[session.Id] = session.User.Id;
        return session;
    }
}

internal sealed record Told(UserId User, Ending Ending);

internal sealed record Ended(UserId User, EndCommand Command);

internal sealed record Described(SessionId Session);

internal sealed record Validated(SessionId Session, ClientFacts Client);

internal sealed class FakeUser(FakeGrains grains, UserId user) : IUserGrain
{
    public Task<LoginResult> Login(LoginCommand command)
    {
        grains.Calls.Enqueue(command);
        if (grains.Outcomes.TryDequeue(out var scripted) && scripted != LoginOutcome.LoggedIn)
        {
            return Task.FromResult(LoginResult.Refused(scripted));
        }

        if (!command.IsActive)
        {
            return Task.FromResult(LoginResult.Refused(LoginOutcome.AccessDenied));
        }

        if (command.PreviousIsOtherUsers)
        {
            return Task.FromResult(LoginResult.Refused(LoginOutcome.EndOtherUsersSessionFirst));
        }

        if (command.Stage.RememberMeOffset.Value > TimeSpan.Zero && command.RememberMe is null)
        {
            return Task.FromResult(LoginResult.Refused(LoginOutcome.ChallengeRequired));
        }

        ImmutableArray<SessionId> ended = command.PreviousSession is { } previous && grains.Sessions.TryRemove(previous, out _) ? [previous] : [];
        var session = grains.Add(user.Value, command.User.Username, command.DataJson) with { LastIp = command.Client.Ip };
        var cookie = new DeviceCookieClaim(new DeviceId(Guid.NewGuid()), FakeGrains.Now.AddDays(30));
        return Task.FromResult(new LoginResult(
            LoginOutcome.LoggedIn, session, cookie, new Ending(7, FakeGrains.Now, ended, ended, false)));
    }

    public Task<EndResult> End(EndCommand command)
    {
        grains.Calls.Enqueue(new Ended(user, command));
        if (IsReused(command.Idempotency))
        {
            return Task.FromResult(new EndResult(null));
        }

        var ended = grains.Sessions.Values
            .Where(session => session.User.Id == user)
            .Where(session => command.Sessions is { } named ? named.Contains(session.Id) : session.Id != command.Except)
            .Select(session => session.Id)
            .ToImmutableArray();
        foreach (var id in ended)
        {
            grains.Sessions.TryRemove(id, out _);
        }

        return Task.FromResult(new EndResult(new Ending(3, FakeGrains.Now, ended, ended, false)));
    }

    public Task<Ending?> FindEnding(Idempotency key) => Task.FromResult<Ending?>(null);

    public Task<EndResult> SetActive(SetActiveCommand command)
    {
        grains.Calls.Enqueue(command);
        return Task.FromResult(new EndResult(IsReused(command.Idempotency) ? null : new Ending(4, FakeGrains.Now, [], [], false)));
    }

    public Task<Confirmation> Confirm(ConfirmCommand command) => throw new NotSupportedException();

    public async Task<Receipt> Tell(Ending ending)
    {
        await (grains.TellGate ?? Task.CompletedTask);
        grains.Calls.Enqueue(new Told(user, ending));
        return new Receipt(ending.Revision, ending.CommittedAt, ending.Ended, ending.CommittedAt);
    }

    public Task<UserInfo> Describe() =>
        Task.FromResult(new UserInfo(user, grains.State.IsActive, grains.State.Revision, grains.Sessions.Values.Count(session => session.User.Id == user), grains.Devices.Length));

    public Task<ImmutableArray<DeviceInfo>> Devices() => Task.FromResult(grains.Devices);

    public Task<bool> ForgetDevice(DeviceId device) => Task.FromResult(grains.Devices.Any(known => known.Id == device));

    private bool IsReused(Idempotency? idempotency) =>
        idempotency is { } given && grains.Idempotent.GetOrAdd(given.Key, given.Body) != given.Body;
}

internal sealed class FakeSession(FakeGrains grains, SessionId id) : ISessionGrain
{
    public Task<ValidateResult> Validate(ValidateCommand command)
    {
        grains.Calls.Enqueue(new Validated(id, command.Client));
        return Task.FromResult(
            grains.Refused.TryGetValue(id, out var refused) ? refused
            : grains.Sessions.TryGetValue(id, out var session) ? new ValidateResult(SessionStatus.Active, session, null, grains.Share)
            : new ValidateResult(SessionStatus.Unknown, null, null));
    }

    public Task<SessionInfo?> Describe()
    {
        grains.Calls.Enqueue(new Described(id));
        return Task.FromResult(grains.Sessions.GetValueOrDefault(id));
    }

    public Task<UserId?> Owner() => Task.FromResult(grains.Owners.TryGetValue(id, out var owner) ? owner : (UserId?)null);

    public Task<bool> SetData(string? dataJson)
    {
        if (grains.Changes-- > 0)
        {
            throw new AskAgainException();
        }

        var live = grains.Sessions.TryGetValue(id, out var session);
        if (live)
        {
            grains.Sessions[id] = session! with { DataJson = dataJson };
        }

        return Task.FromResult(live);
    }

    public Task<bool> EndIfIdle() => throw new NotSupportedException();

    public Task Ended() => throw new NotSupportedException();
}

internal sealed class FakeList(FakeGrains grains) : ISessionListGrain
{
    public Task<SessionPage> Search(SessionQuery query)
    {
        grains.Calls.Enqueue(query);
        var all = grains.Sessions.Values.Where(session => query.User is null || session.User.Id == query.User).OrderBy(session => session.Id.Value).ToList();
        return Task.FromResult(new SessionPage(all.Count, [.. all.Skip(query.Offset).Take(query.Limit)]));
    }

    public Task<SessionInfo?> Find(SessionId id) => Task.FromResult(grains.Sessions.GetValueOrDefault(id));

    public Task<UserPage> Users(UserQuery query)
    {
        grains.Calls.Enqueue(query);
        return Task.FromResult(grains.Users);
    }
}

internal sealed class FakeSignedOut : ISignedOutGrain
{
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _cookies = new();

    public Task<bool> Contains(Guid cookie, DateTimeOffset until) => Task.FromResult(_cookies.ContainsKey(cookie));

    public Task Add(Guid cookie, DateTimeOffset until)
    {
        _cookies[cookie] = until;
        return Task.CompletedTask;
    }
}

internal sealed class FakeExplain : IBindingExplainGrain
{
    public Task<BindingExplanation> Explain(string from, string to) => Task.FromResult(new BindingExplanation(
        new AddressFacts(from, new SessionCluster.Geo.AsnInfo(64500, "<b>net", "192.0.2.0/24"), null), new AddressFacts(to, null, null),
        [.. BindingNames.Network.Skip(1).Concat(BindingNames.GeoIp.Skip(1)).Select((mode, index) => new BindingVerdict(mode, index == 0 ? null : "network.missing"))]));

    public Task<ImmutableArray<GeoDatabaseInfo>> Databases() => Task.FromResult(ImmutableArray<GeoDatabaseInfo>.Empty);
}
