using System.Net;
using SessionCluster.Bindings;
using SessionCluster.Users;

namespace SessionCluster.Sessions;

/// <summary>
/// Answers checks from memory while it holds a lease. It only ever updates its row, and whatever ends it is decided by its
/// user's grain. After every wait it looks again whether it was told of its ending meanwhile.
/// </summary>
[GrainType("session")]
public sealed partial class SessionGrain(
    [PersistentState(SessionV1.StateName, "sessions")] IPersistentState<SessionV1> row,
    SessionGrainServices services) : Grain, ISessionGrain
{
    private Lease _lease;

    /// <summary>Sticky: told by the user grain, or seen by this activation. No lease revives the session.</summary>
    private bool _ended;

    /// <summary>Why it is over by this activation's own clock; final for this activation, whatever the clock says later.</summary>
    private EndReason? _overBy;

    /// <summary>The session as it is now; runs ahead of the stored row. Null when there is no row.</summary>
    private SessionV1? _session;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _session = row.RecordExists ? row.State : null;
        _ended = _session is null;
        return Task.CompletedTask;
    }

    public Task<ValidateResult> Validate(ValidateCommand command)
    {
        var now = services.Time.GetUtcNow();
        return !_ended && _session!.LastIp == command.Client.Ip && Over(now) is null && _lease.Holds(services.Time, services.LeaseLength, now)
            ? Task.FromResult(Accept(command.Client, now))
            : ValidateWithUser(command.Client, now);
    }

    public async Task<SessionInfo?> Describe() =>
        !_ended && Over(services.Time.GetUtcNow()) is null && await Confirm(_session!.LastIp) ? _session.ToInfo() : null;

    public async Task<UserId?> Owner() =>
        _session is not null ? new UserId(_session.UserPk) : (await services.Ended.Find(Id, services.Time.GetUtcNow() - EndedV1.Kept))?.User;

    public async Task<bool> SetData(string? dataJson)
    {
        if (await Describe() is null || !await Update(before => before with { Data = dataJson }))
        {
            return false;
        }

        _session = _session! with { Data = dataJson };
        return true;
    }

    public async Task<bool> EndIfIdle()
    {
        if (_ended || Over(services.Time.GetUtcNow()) != EndReason.Idle)
        {
            await Flush();
            return false;
        }

        await End(EndReason.Idle, null, null);
        return true;
    }

    public Task Ended(EndedNotice notice)
    {
        _ended = true;
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Flush();

    private async Task<ValidateResult> ValidateWithUser(ClientFacts client, DateTimeOffset now)
    {
        if (_ended)
        {
            return await WhyEnded();
        }

        if (Over(now) is { } over)
        {
            (_ended, _overBy) = (true, over);
            await End(over, null, null);
            return await WhyEnded();
        }

        if (BrokenBy(client) is { } broken)
        {
            await End(EndReason.BindingBroken, client, broken);
            return await WhyEnded();
        }

        if (!await Confirm(client.Ip))
        {
            return await WhyEnded();
        }

        var confirmed = services.Time.GetUtcNow();
        return Over(confirmed) is null ? Accept(client, confirmed) : await ValidateWithUser(client, confirmed);
    }

    private EndReason? Over(DateTimeOffset now) => SessionClock.Over(_session!, now);

    private BindingBreak? BrokenBy(ClientFacts client) =>
        BindingCheck.Check(_session!.NetworkBinding, _session.GeoIpBinding, _session.LastIp, client.Ip, services.Geo);

    /// <summary>True while the session is live by its user's grain: asked now, unless a lease holds for this very address.</summary>
    private async Task<bool> Confirm(string ip)
    {
        if (ip == _session!.LastIp && _lease.Holds(services.Time, services.LeaseLength, services.Time.GetUtcNow()))
        {
            return true;
        }

        var asking = Lease.Asking(services.Time);
        var answer = await GrainFactory.GetGrain<IUserGrain>(User.GrainKey).Confirm(new ConfirmCommand(Id, ip, _session.LastUsed));
        await EnsureMember();
        if (answer.Live && !_ended)
        {
            _lease = asking.Granted();
            return true;
        }

        _ended = true;
        return false;
    }

    /// <summary>
    /// The user grain tells the activation that the cluster knows. One in a process that was evicted is not that; it is done
    /// with leases F after the eviction, and so answers nothing from memory after F + L.
    /// </summary>
    private async ValueTask EnsureMember()
    {
        if (services.LedgerFreshness > TimeSpan.Zero && !await services.Membership.WasMemberWithin(services.LedgerFreshness))
        {
            throw new InvalidOperationException("This process may no longer be a member of the cluster; it answers no checks.");
        }
    }

    private ValidateResult Accept(ClientFacts client, DateTimeOffset now)
    {
        var moved = client.Ip != _session!.LastIp;
        if (moved && IPAddress.TryParse(client.Ip, out var address))
        {
            _session = _session with { LastIp = client.Ip, Asn = services.Geo.Asn(address), Geo = services.Geo.Place(address)?.Geo };
        }

        _session = _session with
        {
            LastUsed = now,
            // A service may leave the user agent out: that says nothing about the browser.
            LastUserAgent = client.UserAgent.Length > 0 ? client.UserAgent : _session.LastUserAgent,
        };
        ScheduleFlush(moved);
        SessionMetrics.Checked(SessionStatus.Active);
        return new ValidateResult(SessionStatus.Active, _session.ToInfo(), null);
    }

    /// <summary>Ends this session for a reason that only it can see, and makes that effective before it is answered.</summary>
    private async Task End(EndReason reason, ClientFacts? client, BindingBreak? broken)
    {
        await new CommitThenTell(GrainFactory).End(User, new EndCommand([Id], null, reason, null, client, broken, null));
        _ended = true;
    }

    /// <summary>The first reason of an ended session, as the commit that ended it kept it; else what this activation saw.</summary>
    private async Task<ValidateResult> WhyEnded()
    {
        _ended = true;
        var ended = await services.Ended.Find(Id, services.Time.GetUtcNow() - EndedV1.Kept);
        var reason = ended?.Reason ?? _overBy;
        var status = reason is { } known ? EndReasons.Status(known) : SessionStatus.Unknown;
        SessionMetrics.Checked(status);
        return new ValidateResult(status, null, ended?.Binding);
    }

    private SessionId Id => SessionId.FromGrainKey(this.GetPrimaryKeyString());

    private UserId User => new(_session!.UserPk);
}
