using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionCluster.Bindings;
using SessionCluster.Geo;
using SessionCluster.Users;

namespace SessionCluster.Sessions;

/// <summary>
/// Answers checks from memory while it holds a lease. It only ever updates its row, and whatever ends it is decided by its
/// user's grain. After every wait it looks again whether it was told of its ending meanwhile.
/// </summary>
[GrainType("session")]
public sealed partial class SessionGrain(
    [PersistentState(SessionV1.StateName, "sessions")] IPersistentState<SessionV1> row,
    ISessionRows rows,
    IGeoLookup geo,
    IMembershipWatch membership,
    TimeProvider time,
    IOptions<LeaseOptions> leases,
    ILogger<SessionGrain> log) : Grain, ISessionGrain
{
    private readonly TimeSpan _leaseLength = leases.Value.DurationValue;
    private SessionId _id;
    private Lease _lease;

    /// <summary>Sticky: told by the user grain, or seen by this activation. No lease revives the session.</summary>
    private bool _ended;

    /// <summary>Why it is over by this activation's own clock; final for this activation, whatever the clock says later.</summary>
    private EndReason? _over;

    /// <summary>The session as it is now; its last use runs ahead of the stored row. Null when there is no row.</summary>
    private SessionInfo? _session;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _id = SessionId.FromGrainKey(this.GetPrimaryKeyString());
        _session = row.RecordExists ? row.State.ToInfo() : null;
        _ended = _session is null;
        return Task.CompletedTask;
    }

    public Task<ValidateResult> Validate(ValidateCommand command)
    {
        var now = time.GetUtcNow();
        return !_ended && _session!.LastIp == command.Client.Ip && Over(now) is null && _lease.Holds(time, _leaseLength, now)
            ? Task.FromResult(Accept(command.Client, now))
            : ValidateWithUser(command.Client, now);
    }

    public async Task<SessionInfo?> Describe() =>
        !_ended && Over(time.GetUtcNow()) is null && await Confirm(_session!.LastIp) ? _session : null;

    public async Task<UserId?> Owner() =>
        _session?.User.Id ?? (await rows.FindEnded(_id, time.GetUtcNow() - EndedV1.Kept))?.User;

    public async Task<bool> SetData(string? dataJson)
    {
        if (await Describe() is null || !await Update(before => before with { Data = dataJson }))
        {
            return false;
        }

        _session = _session! with { DataJson = dataJson };
        return true;
    }

    public async Task<Ending?> EndIfIdle()
    {
        if (_ended || Over(time.GetUtcNow()) != EndReason.Idle)
        {
            await Flush();
            return null;
        }

        return await End(EndReason.Idle, null, null);
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
            (_ended, _over) = (true, over);
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

        var confirmed = time.GetUtcNow();
        return Over(confirmed) is null ? Accept(client, confirmed) : await ValidateWithUser(client, confirmed);
    }

    private EndReason? Over(DateTimeOffset now) => SessionClock.Over(row.State, _session!.LastUsed, now);

    private BindingBreak? BrokenBy(ClientFacts client) =>
        BindingCheck.Check(_session!.NetworkBinding, _session.GeoIpBinding, _session.LastIp, client.Ip, geo);

    /// <summary>True while the session is live by its user's grain: asked now, unless a lease holds for this very address.</summary>
    private async Task<bool> Confirm(string ip)
    {
        if (ip == _session!.LastIp && _lease.Holds(time, _leaseLength, time.GetUtcNow()))
        {
            return true;
        }

        var asking = Lease.Asking(time);
        var answer = await User().Confirm(new ConfirmCommand(_id, ip, _session.LastUsed));
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
        if (leases.Value.Freshness > TimeSpan.Zero && !await membership.WasMemberWithin(leases.Value.Freshness))
        {
            throw new InvalidOperationException("This process may no longer be a member of the cluster; it answers no checks.");
        }
    }

    private ValidateResult Accept(ClientFacts client, DateTimeOffset now)
    {
        var moved = client.Ip != _session!.LastIp;
        if (moved && IPAddress.TryParse(client.Ip, out var address))
        {
            _session = _session with { LastIp = client.Ip, Asn = geo.Asn(address), Geo = geo.Place(address)?.Geo };
        }

        // A service may leave the user agent out: that says nothing about the browser.
        var agent = client.UserAgent.Length > 0 ? client.UserAgent : _session.LastUserAgent;
        _session = _session with { LastUsed = now, LastUserAgent = agent };
        ScheduleFlush(moved);
        return new ValidateResult(SessionStatus.Active, _session, null);
    }

    /// <summary>Ends this session for a reason that only it can see, and makes that effective before it is answered.</summary>
    private async Task<Ending?> End(EndReason reason, ClientFacts? client, BindingBreak? broken)
    {
        var result = await User().End(new EndCommand([_id], null, reason, null, client, broken, null));
        _ended = true;
        if (!result.IsDone)
        {
            return null;
        }

        await User().Tell(result.Ending);
        return result.Ending;
    }

    /// <summary>The first reason of an ended session, as the commit that ended it kept it; else what this activation saw.</summary>
    private async Task<ValidateResult> WhyEnded()
    {
        _ended = true;
        var ended = await rows.FindEnded(_id, time.GetUtcNow() - EndedV1.Kept);
        var reason = ended?.Reason ?? _over;
        return new ValidateResult(reason is { } known ? EndReasons.Status(known) : SessionStatus.Unknown, null, ended?.Binding);
    }

    private IUserGrain User() => GrainFactory.GetGrain<IUserGrain>(_session!.User.Id.GrainKey);
}
