using Orleans.Placement;

namespace SessionCluster.Users;

/// <summary>
/// Loads, lets <see cref="Ledger"/> decide, writes once, reports. Every write is conditional on the ledger's version:
/// a conflict reloads and decides again; any other failure leaves the outcome unknown, so this activation grants nothing more
/// and the next one reads what is true.
/// </summary>
[GrainType(GrainLookup.UserName)]
[PreferLocalPlacement]
public sealed partial class UserGrain(
    [PersistentState(LedgerV1.StateName, "sessions")] IPersistentState<LedgerV1> row,
    UserGrainServices services) : Grain, IUserGrain
{
    private readonly LiveSessions _live = new(new Leases(services));

    /// <summary>What is known of the ledger was true then or later. (A grain is made before its state is read.)</summary>
    private Moment _verified = Moment.Now(services.Time);

    /// <summary>Set by a write or read of unknown outcome; this activation then grants nothing more.</summary>
    private bool _failed;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _live.Leases.Begin();
        TakeStored();
        return Task.CompletedTask;
    }

    public async Task<LoginResult> Login(LoginCommand command)
    {
        var membership = SettledMembership;
        var (asn, place) = Locate(command.Client);
        var ended = command.NewSession is { } planned
            && await services.Ended.Find(planned, services.Time.GetUtcNow() - EndedV1.Kept) is not null;
        var isRepeat = false;
        var result = await Decide(
            ledger => ended ? Decision.Refuse(LoginOutcome.AccessDenied) : ledger.Login(command, asn, place),
            command.Idempotency,
            (answer, ending) =>
            {
                isRepeat = true;
                return answer.ToLoginResult(command.DataJson, ending);
            },
            LoginResult.Refused(LoginOutcome.IdempotencyKeyReused),
            membership);
        if (!isRepeat)
        {
            SessionMetrics.LoggedIn(result.Outcome);
        }

        return result;
    }

    public Task<EndResult> End(EndCommand command)
    {
        var (asn, place) = command.Binding is { } broken ? (broken.NewAsn, broken.NewGeo) : Locate(command.Client);
        return Decide(ledger => ledger.End(command, asn, place), command.Idempotency, RepeatEnd, new EndResult(null));
    }

    public async Task<Ending?> FindEnding(Idempotency key)
    {
        var membership = SettledMembership;
        await Refresh();
        return LedgerNow(membership).FindAnswer(key) is { Session: null } answer ? await EndingAgain(answer, membership) : null;
    }

    public Task<EndResult> SetActive(SetActiveCommand command)
    {
        var (asn, place) = Locate(command.Client);
        return Decide(ledger => ledger.SetActive(command, asn, place), command.Idempotency, RepeatEnd, new EndResult(null));
    }

    public Task<bool> ForgetDevice(DeviceId device) => Decide(ledger => ledger.ForgetDevice(device), null, (_, _) => false, false);

    public async Task<Confirmation> Confirm(ConfirmCommand command)
    {
        var turn = services.Membership.Begin(services.Time);
        await Refresh();
        if (!_live.TryGet(command.Session, out _))
        {
            // "Not live" is final for the session that asks: another activation, or a late write, may have let it in since the ledger was read.
            await Reload();
        }

        await services.Membership.Require(services.LeaseOptions.LedgerFreshness, turn);
        RefuseAfterFailure();
        var isKnown = _live.TryGet(command.Session, out var session);
        if (!isKnown || services.Time.GetUtcNow() >= session!.Expires)
        {
            SessionMetrics.Confirmed(live: false);
            return new Confirmation(false, IsExpired: isKnown);
        }

        session.LastIp = command.LastIp;
        _live.Leases.Grant(session);
        SessionMetrics.Confirmed(live: true);
        return new Confirmation(true);
    }

    public Task<Receipt> Tell(Ending ending) =>
        new EndingFanOut(GrainFactory, services.Membership, services.Time, services.LeaseOptions, services.Log).Run(ending);

    public async Task<UserInfo> Describe()
    {
        await Refresh();
        var now = services.Time.GetUtcNow();
        var state = row.State;
        var sessions = _live.All.Count(s => now < s.Expires);
        return new UserInfo(User, !state.Inactive, state.Revision, sessions, state.Devices.Count(d => now < d.Expires));
    }

    public async Task<ImmutableArray<DeviceInfo>> Devices()
    {
        await Refresh();
        var now = services.Time.GetUtcNow();
        return [.. row.State.Devices.Where(d => now < d.Expires).OrderByDescending(d => d.LastLogin)];
    }

    private static EndResult RepeatEnd(AnsweredV1 answer, Ending ending) => new(ending, IsRepeat: true);

    private Task<TResult> Decide<TResult>(Func<Ledger, Decision<LedgerV1, TResult>> decide, Idempotency? key, Func<AnsweredV1, Ending, TResult> repeat, TResult reused) =>
        Decide(decide, key, repeat, reused, SettledMembership);

    /// <summary>One deciding turn: at most one write takes effect, and what it decided is answered only once that is durable.</summary>
    private Task<TResult> Decide<TResult>(
        Func<Ledger, Decision<LedgerV1, TResult>> decide, Idempotency? key, Func<AnsweredV1, Ending, TResult> repeat, TResult reused, long membership)
    {
        var isVerified = false;
        var begun = Moment.Now(services.Time);
        return row.Change(
            async () =>
            {
                while (true)
                {
                    RefuseAfterFailure();
                    if (LedgerNow(membership).FindAnswer(key) is { } answer)
                    {
                        return Decision.WithoutWrite(answer.Body == key!.Body ? repeat(answer, await EndingAgain(answer, membership)) : reused);
                    }

                    var decision = decide(LedgerNow(membership));
                    if (decision.Next is not null || isVerified)
                    {
                        begun = Moment.Now(services.Time);
                        return decision;
                    }

                    // A write proves that the decision rests on the latest ledger; "nothing to do" has to look. Another activation, or a
                    // write that failed and took effect late, may have created the very session that this call is to end.
                    await Reload();
                    isVerified = true;
                }
            },
            committed: next => Committed(next, begun),
            reload: async (conflict, attempt) =>
            {
                SessionMetrics.Conflicted();
                LogConflict(services.Log, conflict, User, attempt);
                await Reload();
            },
            fail: (failure, next) =>
            {
                Fail();
                // The storage itself says, once a minute, that it takes no writes: not each user does.
                if (failure is not StorageUnavailableException)
                {
                    LogWriteFailed(services.Log, failure, User, next.Revision);
                }
            });
    }

    /// <param name="membership">The membership version that had settled when the turn began.</param>
    private Ledger LedgerNow(long membership) => new(
        User, row.State, _live, services.SessionOptions, services.Ids, UnixMicros.Truncate(services.Time.GetUtcNow()), membership);

    /// <summary>Takes over a durable change; what was known of the ledger when its write began is verified by it.</summary>
    private void Committed(LedgerV1 next, Moment begun)
    {
        row.State = next.AtRest();
        _live.Apply(next);
        foreach (var ended in next.Ended)
        {
            SessionMetrics.Ended(ended.Reason);
        }

        _verified = begun;
    }

    /// <summary>Reads the ledger again once what is known of it is older than F.</summary>
    private async Task Refresh()
    {
        RefuseAfterFailure();
        var freshness = services.LeaseOptions.LedgerFreshness;
        if (freshness > TimeSpan.Zero && _verified.Age(services.Time) >= freshness)
        {
            await Reload();
        }
    }

    private async Task Reload()
    {
        try
        {
            var verified = Moment.Now(services.Time);
            await row.ReadStateAsync();
            TakeStored();
            _verified = verified;
        }
        catch
        {
            Fail();
            throw;
        }
    }

    /// <summary>
    /// Takes over the session rows that a read brought along: those of a ledger that this activation did not write itself, with what
    /// ended lately without its telling.
    /// </summary>
    private void TakeStored()
    {
        if (row.State.Stored is not { } stored)
        {
            return;
        }

        _live.Load(stored.Live);
        _live.Leases.EndedElsewhere(stored.EndedLately.Select(ended => new SessionId(ended.Id)));
        row.State = row.State.AtRest();
    }

    private async Task<Ending> EndingAgain(AnsweredV1 answer, long membership) =>
        _live.Leases.EndingAgain(answer.Revision, answer.At, await services.Ended.OfRevision(User, answer.Revision), membership);

    /// <summary>What a turn that may end sessions takes note of when it begins.</summary>
    private long SettledMembership => services.Membership.SettledVersion(services.LeaseOptions.Settling);

    // Kept by nobody, as there are many users: it is asked for where something is decided or read.
    private UserId User => UserId.FromGrainKey(this.GetPrimaryKeyString());

    private void Fail()
    {
        _failed = true;
        DeactivateOnIdle();
    }

    private void RefuseAfterFailure()
    {
        if (_failed)
        {
            throw new StorageUnavailableException("The storage failed a moment ago; what it has of this user is read again.", outcomeUnknown: false);
        }
    }

    private (AsnInfo? Asn, GeoInfo? Geo) Locate(ClientFacts? client) =>
        client is not null && IPAddress.TryParse(client.Ip, out var address) ? (services.Geo.Asn(address), services.Geo.Place(address)?.Geo) : (null, null);
}
