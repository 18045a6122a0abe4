using Orleans.Placement;

namespace SessionCluster.Sessions;

/// <summary>
/// Answers checks from memory while it holds a lease. It only ever updates its row, and whatever ends it is decided by its
/// user's grain. After every wait it looks again whether it was told of its ending meanwhile.
/// </summary>
[GrainType(GrainLookup.SessionName)]
[PreferLocalPlacement]
public sealed partial class SessionGrain(
    [PersistentState(SessionV1.StateName, "sessions")] IPersistentState<SessionV1> row,
    SessionGrainServices services) : Grain, ISessionGrain
{
    /// <summary>From when the lease counts: before the question that it answers was sent.</summary>
    private Moment _lease;

    /// <summary>Sticky: told by the user grain, or seen by this activation. No lease revives the session.</summary>
    private bool _ended;

    /// <summary>Why it is over by this activation's own clock; final for this activation, whatever the clock says later.</summary>
    private EndReason? _overBy;

    /// <summary>The session as it is now; runs ahead of the stored row. Null while there is no row.</summary>
    private SessionV1? _session;

    /// <summary>What is stored of its end, once that was found: a front end may go on asking for long.</summary>
    private EndedSession? _found;

    /// <summary>Which edges may answer by themselves; null before the first one asked.</summary>
    private Shares? _shares;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _youth?.Since = services.Time.GetTimestamp();
        _session = row.RecordExists ? row.State : null;
        return Task.CompletedTask;
    }

    public Task<ValidateResult> Validate(ValidateCommand command)
    {
        var now = services.Time.GetUtcNow();
        _shares?.Heard(command.Edge);
        return !_ended && _session is { } session && session.LastIp == command.Client.Ip && Over(now) is null && HoldsLease(MustBeLeft(command))
            ? Task.FromResult(Accept(command, now))
            : ValidateWithUser(command, now);
    }

    public async Task<SessionInfo?> Describe()
    {
        var turn = services.Membership.Begin(services.Time);
        return !_ended && await Exists() && Over(services.Time.GetUtcNow()) is null && await Confirm(_session!.LastIp, TimeSpan.Zero, turn) ? _session.ToInfo() : null;
    }

    public async Task<UserId?> Owner() => await Exists() ? User : (await FindEnded())?.User;

    public async Task<bool> SetData(string? dataJson)
    {
        var turn = services.Membership.Begin(services.Time);
        await _storing;
        if (await Describe() is null || !await Update(before => before with { Data = dataJson }))
        {
            return false;
        }

        _session = _session! with { Data = dataJson };
        // Also where nothing changed: the answer to an earlier call with this data may have been lost, with edges that were not told.
        await TakeSharesBack();
        await StorageUnavailableException.AfterCommit(services.Membership.Require(services.LedgerFreshness, turn).AsTask());
        return !_ended;
    }

    public async Task<bool> EndIfIdle()
    {
        // Also where a check saw it before and could not end it, as the ledger was not written.
        if (_overBy != EndReason.Idle && (_ended || !await Exists() || Over(services.Time.GetUtcNow()) != EndReason.Idle))
        {
            await Flush();
            return false;
        }

        await EndAsOver(EndReason.Idle);
        return true;
    }

    public async Task Ended()
    {
        var turn = services.Membership.Begin(services.Time);
        _ended = true;
        Stay(TimeSpan.Zero);
        await TakeSharesBack();
        // The session may live in another activation by now, of which this one knows nothing.
        await services.Membership.Require(services.LedgerFreshness, turn);
    }

    /// <summary>The shares are sent for before the first wait, so that a new activation knows that there are none.</summary>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await TakeSharesBack();
        await Flush();
    }

    /// <summary>
    /// Whether there is, or was, a row. Whoever knows a plan can ask before its login has made the session: what was not found is looked for again.
    /// </summary>
    private async Task<bool> Exists()
    {
        if (_session is null && !_ended)
        {
            await row.ReadStateAsync();
            _session ??= row.RecordExists ? row.State : null;
        }

        return _session is not null;
    }

    private async Task<ValidateResult> ValidateWithUser(ValidateCommand command, DateTimeOffset now)
    {
        var (turn, client) = (services.Membership.Begin(services.Time), command.Client);
        if (_ended || !await Exists())
        {
            return await WhyEnded();
        }

        if (Over(now) is { } over)
        {
            await EndAsOver(over);
            return await WhyEnded();
        }

        if (BrokenBy(client) is { } broken)
        {
            await End(EndReason.BindingBroken, client, broken);
            return await WhyEnded();
        }

        if (!await Confirm(client.Ip, MustBeLeft(command), turn) || _ended)
        {
            return await WhyEnded();
        }

        var confirmed = services.Time.GetUtcNow();
        return Over(confirmed) is null ? Accept(command, confirmed) : await ValidateWithUser(command, confirmed);
    }

    /// <summary>Why the session is over now. While an edge holds a share it may be in use there, and is not idle.</summary>
    private EndReason? Over(DateTimeOffset now)
    {
        NoteUses();
        var over = SessionClock.Over(_session!, now);
        return over == EndReason.Idle && _shares is { IsHeld: true } ? null : over;
    }

    /// <summary>Takes over the uses that edges have told of.</summary>
    private void NoteUses()
    {
        if (_shares?.LastUsed is { } used && used > _session!.LastUsed)
        {
            _session = _session with { LastUsed = used };
        }
    }

    private bool HoldsLease(TimeSpan least) => LeaseLeft > least;

    private TimeSpan LeaseLeft => services.LeaseLength - _lease.Age(services.Time);

    /// <summary>How much of the lease must be left, or the user's grain is asked: an edge that asks early wants more than it has.</summary>
    private TimeSpan MustBeLeft(ValidateCommand command) => command.Edge is { IsEarly: true } ? services.LeaseLength / 2 : TimeSpan.Zero;

    private Task TakeSharesBack() => _shares?.TakeBack() ?? Task.CompletedTask;

    private BindingBreak? BrokenBy(ClientFacts client) =>
        BindingCheck.Check(_session!.NetworkBinding, _session.GeoIpBinding, _session.LastIp, client.Ip, services.Geo);

    /// <summary>True while the session is live by its user's grain: asked now, unless more than <paramref name="least"/> of a lease is left for this very address.</summary>
    private async Task<bool> Confirm(string ip, TimeSpan least, Turn turn)
    {
        if (ip == _session!.LastIp && HoldsLease(least))
        {
            return true;
        }

        var asking = Moment.Now(services.Time);
        var answer = await GrainFactory.User(User).Confirm(new ConfirmCommand(Id, ip));
        await RereadWhileYoung();
        // Before the lease is taken, by which everything is accepted.
        await services.Membership.Require(services.LedgerFreshness, turn);
        if (answer.Live && !_ended)
        {
            _lease = asking;
            return true;
        }

        if (answer.IsExpired && !_ended)
        {
            // By its user's clock, which is ahead of this one's or has gone on meanwhile.
            await EndAsOver(EndReason.Expired);
        }

        _ended = true;
        return false;
    }

    /// <summary>
    /// Accepts a use, and hands out a share of what is left of the lease. One step without a wait: nothing can end the session between the
    /// look at it and the note of the share.
    /// </summary>
    private ValidateResult Accept(ValidateCommand command, DateTimeOffset now)
    {
        var client = command.Client;
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
        StoreIfBehind(now);
        SessionMetrics.Checked(SessionStatus.Active);
        var share = command.Edge is { } edge ? (_shares ??= new Shares(Id, services.Time, services.OwnEdge)).Grant(edge, MayServe(now), now) : TimeSpan.Zero;
        return new ValidateResult(SessionStatus.Active, _session.ToInfo(), null, share);
    }

    /// <summary>How long an edge may answer by itself: what is left of the lease, of the session, and of its idle time.</summary>
    private TimeSpan MayServe(DateTimeOffset now)
    {
        var (rest, end) = (LeaseLeft, SessionClock.End(_session!) - now);
        return end < rest ? end : rest;
    }

    /// <summary>Ends this session by its own clock, which is final here also where the ending cannot be stored.</summary>
    private async Task EndAsOver(EndReason reason)
    {
        if (reason == EndReason.Idle)
        {
            // A process that was evicted does not know of the uses elsewhere.
            await services.Membership.Require(services.LedgerFreshness, services.Membership.Begin(services.Time));
        }

        (_ended, _overBy) = (true, reason);
        await End(reason, null, null);
    }

    /// <summary>Ends this session for a reason that only it can see, and makes that effective before it is answered.</summary>
    private async Task End(EndReason reason, ClientFacts? client, BindingBreak? broken)
    {
        await new CommitThenTell(GrainFactory).End(User, new EndCommand([Id], reason, Client: client, Binding: broken));
        _ended = true;
    }

    /// <summary>The first reason of an ended session, as the commit that ended it kept it; else what this activation saw.</summary>
    private async Task<ValidateResult> WhyEnded()
    {
        _found ??= await FindEnded();
        var ended = _found;
        // An id that was a session's does not begin another one.
        _ended |= _session is not null || ended is not null;
        var reason = ended?.Reason ?? _overBy;
        var status = reason is { } known ? EndReasons.Status(known) : SessionStatus.Unknown;
        SessionMetrics.Checked(status);
        return new ValidateResult(status, null, ended?.Binding);
    }

    private Task<EndedSession?> FindEnded() => services.Ended.Find(Id, services.Time.GetUtcNow() - EndedV1.Kept);

    private SessionId Id => SessionId.FromGrainKey(this.GetPrimaryKeyString());

    private UserId User => new(_session!.UserPk);
}
