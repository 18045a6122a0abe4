namespace SessionCluster.Users;

/// <summary>
/// The decisions of a user grain: from the ledger, the live sessions and a command, the next ledger (with the sessions created and
/// ended and the events) and the answer. Pure but for the ids it draws; nothing here is true before the next ledger is written.
/// </summary>
/// <param name="live">The live sessions that the ledger's rows hold.</param>
/// <param name="options">The session settings.</param>
/// <param name="now">The moment of this decision, in whole microseconds.</param>
/// <param name="membership">The membership version that had stood for 2F + L when the turn began; -1 (<c>NotSettled</c>) if none had; 0 in a lone process.</param>
public sealed class Ledger(
    UserId user, LedgerV1 state, LiveSessions live, SessionOptions options, IIdSource ids, DateTimeOffset now, long membership)
{
    /// <summary>How long the answer to a request with an idempotency key is kept.</summary>
    public static readonly TimeSpan AnswersKept = TimeSpan.FromHours(24);

    private static readonly EndCause Expired = new(EndReason.Expired);

    /// <summary>Most answers kept for one user; the oldest makes room. Apart from them as many are kept whose keys count once.</summary>
    public const int MaxAnswers = 32;

    /// <summary>The stored answer under a key, while it is kept; null when there is none.</summary>
    public AnsweredV1? FindAnswer(Idempotency? key) => key is null
        ? null
        : state.Answered.FirstOrDefault(a => a.Key == key.Key && now < a.At + AnswersKept);

    /// <summary>Runs the User Login stage.</summary>
    /// <param name="asn">The network of the login's address, where resolvable.</param>
    /// <param name="geo">The place of the login's address, where resolvable.</param>
    public Decision<LedgerV1, LoginResult> Login(LoginCommand command, AsnInfo? asn, GeoInfo? geo)
    {
        if (LoginRules.Refusal(command, state.Inactive) is { } refusal)
        {
            return Decision.Refuse(refusal);
        }

        if (command.NewSession is { } planned && live.TryGet(planned, out _))
        {
            return Decision.Refuse(LoginOutcome.AccessDenied);
        }

        var ended = SessionsEndedBy(command);
        if (options.OnLimit == SessionOptions.Deny && OverCap(ended) > 0)
        {
            return Decision.Refuse(LoginOutcome.SessionLimit);
        }

        if (command.PreviousIsOtherUsers)
        {
            return Decision.Refuse(LoginOutcome.EndOtherUsersSessionFirst);
        }

        var evicted = live.All.Where(s => !IsOver(s) && !ended.ContainsKey(s.Id)).OrderBy(s => s.Created).ThenBy(s => s.Id.Value);
        foreach (var oldest in evicted.Take(Math.Max(0, OverCap(ended))).ToArray())
        {
            ended.Add(oldest.Id, EndReason.SessionLimit);
        }

        var (devices, cookie) = KnownDevices.Remember(state.Devices, command, ids.NewId(), now);
        var session = NewSession(command, asn, geo);
        var ending = ended.Select(e => (Known(e.Key), new EndCause(e.Value, command.Client, asn, geo, Actor: command.Actor)));
        var next = Without(ending) with { Created = [session], Devices = devices };
        next = next with { Events = [SessionEvents.Login(ids, command, session, now), .. next.Events] };
        next = KeepAnswer(next, command.Idempotency, session, cookie);
        return new(next, new LoginResult(LoginOutcome.LoggedIn, session.ToInfo(), cookie, EndingOf(next, Replaced)));

        bool Replaced(SessionId id) => command.Stage.TerminateOtherSessions || id == command.PreviousSession;
    }

    /// <summary>Ends sessions. Where their expiry is the reason, those alone that are past their end.</summary>
    public Decision<LedgerV1, EndResult> End(EndCommand command, AsnInfo? asn, GeoInfo? geo)
    {
        if (command.Idempotency is { Once: true } && state.Answered.Count(a => a.Once && now < a.At + AnswersKept) >= MaxAnswers)
        {
            return Decision.WithoutWrite(new EndResult(null));
        }

        var expiring = command.Reason == EndReason.Expired;
        var chosen = command.Sessions is { } listed
            ? listed.Distinct().Select(id => live.TryGet(id, out var session) ? session : null).OfType<LiveSession>()
            : live.All;
        // EndReasons.Of turns the standard words of an event back into a reason, so a caller's own text must not equal one of them; blank text
        // is dropped too.
        var words = string.IsNullOrWhiteSpace(command.ReasonText) || EndReasons.Of(command.ReasonText) is not null ? null : command.ReasonText;
        var cause = new EndCause(command.Reason, command.Client, asn, geo, words, command.Binding, command.Actor);
        var ending = chosen.Where(s => s.Id != command.Except && (!expiring || IsOver(s))).Select(s => (s, cause)).ToArray();
        if (ending.Length == 0 && command is { Idempotency: null, ForgetDevicesOf: null })
        {
            return Decision.WithoutWrite(new EndResult(EndingOf(state.AtRest(), Chosen)));
        }

        // Of a device only the first and the last login are kept. One that may have been the login's is forgotten, too: it counts as new once.
        // Where a clock was set back between the two, the last is the earlier.
        var devices = state.Devices.RemoveAll(d =>
            (d.Created <= command.ForgetDevicesOf && command.ForgetDevicesOf <= d.LastLogin) || (d.LastLogin <= command.ForgetDevicesOf && command.ForgetDevicesOf <= d.Created));
        return EndingDecision(Without(ending) with { Devices = devices }, command.Idempotency, Chosen);

        bool Chosen(SessionId id) => id != command.Except && (command.Sessions?.Contains(id) ?? true);
    }

    /// <summary>Activates or deactivates the user. Setting what is set already writes nothing.</summary>
    public Decision<LedgerV1, EndResult> SetActive(SetActiveCommand command, AsnInfo? asn, GeoInfo? geo)
    {
        if (command.Active == !state.Inactive && command.Idempotency is null)
        {
            return Decision.WithoutWrite(new EndResult(EndingOf(state.AtRest(), _ => !command.Active)));
        }

        var cause = new EndCause(EndReason.UserDeactivated, command.Client, asn, geo, Actor: command.Actor);
        var ending = command.Active ? [] : live.All.Select(s => (s, cause));
        var next = Without(ending) with { Inactive = !command.Active };
        if (command.Active == state.Inactive)
        {
            // Without a live session the last login whose answer is kept knows the user's name, where there is one.
            var named = live.All.FirstOrDefault()?.User ?? command.Named ?? state.Answered.LastOrDefault(a => a.Session is not null)?.Session!.ToUserFacts();
            next = next with { Events = [ModelEvents.UserChanged(ids, user, named, command, now), .. next.Events] };
        }

        return EndingDecision(next, command.Idempotency, _ => !command.Active);
    }

    public Decision<LedgerV1, bool> ForgetDevice(DeviceId device)
    {
        var others = state.Devices.RemoveAll(d => d.Id == device);
        var known = state.Devices.Any(d => d.Id == device && now < d.Expires);
        return known ? new(Next() with { Devices = others }, true) : Decision.WithoutWrite(false);
    }

    private Decision<LedgerV1, EndResult> EndingDecision(LedgerV1 next, Idempotency? key, Func<SessionId, bool> chosen)
    {
        next = KeepAnswer(next, key, session: null, cookie: null);
        return new(next, new EndResult(EndingOf(next, chosen)));
    }

    /// <summary>What this login ends before the cap is looked at: the browser's own earlier session, or all others.</summary>
    private Dictionary<SessionId, EndReason> SessionsEndedBy(LoginCommand command)
    {
        var ended = new Dictionary<SessionId, EndReason>();
        foreach (var session in command.Stage.TerminateOtherSessions ? live.All : [])
        {
            ended[session.Id] = EndReason.TerminatedByLogin;
        }

        if (command.PreviousSession is { } previous && live.TryGet(previous, out _))
        {
            ended[previous] = EndReason.ReplacedByLogin;
        }

        return ended;
    }

    /// <summary>How many sessions too many there would be with one more; live ones count, those past their end do not.</summary>
    private int OverCap(Dictionary<SessionId, EndReason> ended) => options.MaxPerUser == 0
        ? 0
        : live.All.Count(s => !IsOver(s) && !ended.ContainsKey(s.Id)) + 1 - options.MaxPerUser;

    private SessionV1 NewSession(LoginCommand command, AsnInfo? asn, GeoInfo? geo)
    {
        var (expires, endsWithBrowser) = LoginRules.Lifetime(command.Stage, command.RememberMe, options.BrowserLifetimeValue, now);
        var sameAddress = live.All.Any(s => !IsOver(s) && s.LastIp == command.Client.Ip);
        return new SessionV1
        {
            Id = command.NewSession?.Value ?? ids.NewId(),
            UserPk = user.Value,
            Username = command.User.Username,
            Email = command.User.Email,
            Name = command.User.Name,
            Created = now,
            Expires = UnixMicros.Truncate(expires),
            EndsWithBrowser = endsWithBrowser,
            IdleMicros = options.IdleTimeoutValue.Ticks / TimeSpan.TicksPerMicrosecond,
            AuthMethod = command.AuthMethod,
            KnownDevice = command.KnownDevice ?? (sameAddress || KnownDevices.Recognises(state.Devices, command.Device, now)),
            NetworkBinding = command.Stage.NetworkBinding,
            GeoIpBinding = command.Stage.GeoIpBinding,
            LastIp = command.Client.Ip,
            LastUserAgent = command.Client.UserAgent,
            LastUsed = now,
            Asn = asn,
            Geo = geo,
            Data = command.DataJson,
        };
    }

    private bool IsOver(LiveSession session) => now >= session.Expires;

    private LiveSession Known(SessionId id) =>
        live.TryGet(id, out var session) ? session : throw new InvalidOperationException("An ending chose a session that is not live.");

    /// <summary>The next revision, with nothing in it yet.</summary>
    private LedgerV1 Next() => state.AtRest() with { Revision = state.Revision + 1 };

    /// <summary>The next revision with these sessions ended and one event for each.</summary>
    private LedgerV1 Without(IEnumerable<(LiveSession Session, EndCause Cause)> sessions)
    {
        var next = Next();
        var ended = ImmutableArray.CreateBuilder<EndedV1>();
        var events = ImmutableArray.CreateBuilder<EventInfo>();
        // In the order in which a repeat of the request will find them.
        foreach (var (session, asked) in sessions.OrderBy(s => s.Session.Id.Value))
        {
            // Past its end it is over for that reason, whoever asks. It is ended and told like the others: a process whose clock is behind
            // may still let it in.
            var cause = IsOver(session) ? Expired : asked;
            ended.Add(new EndedV1
            {
                Id = session.Id.Value, Reason = cause.Reason, Revision = next.Revision, EndedAt = now, Binding = cause.Binding,
            });
            events.Add(SessionEvents.Logout(ids, session, cause, now));
        }

        return next with { Ended = ended.ToImmutable(), Events = events.ToImmutable() };
    }

    private LedgerV1 KeepAnswer(LedgerV1 next, Idempotency? key, SessionV1? session, DeviceCookieClaim? cookie)
    {
        if (key is null)
        {
            return next;
        }

        var answer = new AnsweredV1
        {
            Key = key.Key,
            Body = key.Body,
            At = now,
            Once = key.Once,
            Revision = next.Revision,
            // The front end's data comes again with the repeated request.
            Session = session is null ? null : session with { Data = null },
            DeviceId = cookie?.Id.Value,
            DeviceCookieExpires = cookie?.CookieExpires,
        };
        AnsweredV1[] kept = [.. next.Answered.Where(a => now < a.At + AnswersKept), answer];
        return next with { Answered = [.. kept.Where(a => a.Once), .. kept.Where(a => !a.Once).TakeLast(MaxAnswers)] };
    }

    /// <summary>
    /// The ending to tell. Sessions that an earlier commit ended a moment ago are told again if this call chose them: its caller
    /// hears that they are gone, so that must be true.
    /// </summary>
    private Ending EndingOf(LedgerV1 next, Func<SessionId, bool> chosen) =>
        live.Leases.EndingOf(next.Revision, now, [.. next.Ended.Select(d => Known(new SessionId(d.Id)))], chosen, membership);
}

/// <summary>Makes decisions that write nothing.</summary>
public static class Decision
{
    /// <summary>There is nothing to do.</summary>
    public static Decision<LedgerV1, TAnswer> WithoutWrite<TAnswer>(TAnswer answer) => new(null, answer);

    public static Decision<LedgerV1, LoginResult> Refuse(LoginOutcome outcome) => new(null, LoginResult.Refused(outcome));
}
