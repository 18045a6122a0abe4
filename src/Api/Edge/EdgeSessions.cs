using System.Collections.Concurrent;

namespace SessionCluster.Api.Edge;

/// <summary>
/// The sessions that this process was asked for, each with a ready answer and a share of its session grain's lease. While the share holds
/// and the address is the same, checks are answered from here: no grain, no storage, no lock that another session takes. All else goes to
/// the session's grain. docs/correctness.md says why that keeps the promise.
/// </summary>
internal sealed class EdgeSessions : IEdge, IDisposable
{
    /// <summary>How often answers whose share is over are let go.</summary>
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(5);

    /// <summary>How long renewals wait for others, so that they go to the silos together.</summary>
    internal static readonly TimeSpan RenewalsTogether = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<SessionId, EdgeSlot> _slots = new();

    private readonly IGrainFactory _grains;

    private readonly TimeProvider _time;

    private readonly int _most;

    private readonly Guid _id;

    private readonly ITimer _sweep;

    private readonly Lock _referring = new();

    private IEdge? _reference;

    private Renewals _renewals = new(Task.CompletedTask);

    private int _count;

    /// <param name="id">The identity of this process; another one at each start.</param>
    public EdgeSessions(IGrainFactory grains, TimeProvider time, int mostSessions, Guid id)
    {
        (_grains, _time, _most, _id) = (grains, time, mostSessions, id);
        _sweep = time.CreateTimer(static edge => ((EdgeSessions)edge!).Sweep(), this, SweepInterval, SweepInterval);
    }

    /// <summary>This edge, for the grains of its process.</summary>
    public OwnEdge Own => new(_id, this);

    /// <summary>How many sessions are held or asked for.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The answers for a check of a session from an address; null when its grain has to be asked. Notes the use.</summary>
    /// <param name="ip">The address, canonical text.</param>
    /// <param name="isDue">Whether the caller has to <see cref="Renew"/> the share. Said to one check for each share.</param>
    public ReadyAnswers? Find(SessionId session, ReadOnlySpan<char> ip, out bool isDue)
    {
        if (_slots.TryGetValue(session, out var slot) && slot.Answer is { } answer && ip.SequenceEqual(answer.Ip))
        {
            var now = Moment.Now(_time);
            if (answer.Holds(now, _time))
            {
                answer.Use(now);
                isDue = answer.TakeRenewal(now, _time);
                return answer.Ready;
            }
        }

        isDue = false;
        return null;
    }

    /// <summary>The MAC of a session's token, if it was verified a moment ago; null when it is not known.</summary>
    public UInt128? TokenMac(SessionId session) => _slots.TryGetValue(session, out var slot) ? slot.Answer?.Ready.TokenMac : null;

    /// <summary>
    /// Asks the session's grain, and keeps what it answers for the length of the share that comes with it. Every question is a check of its
    /// own: none waits for the answer to another.
    /// </summary>
    /// <param name="client">Where the use comes from.</param>
    /// <param name="make">Makes the answers of a live session, from it and from those that were there before.</param>
    public Task<EdgeCheck> Ask(SessionId session, ClientFacts client, Func<SessionInfo, ReadyAnswers?, ReadyAnswers> make) =>
        Ask(session, client, make, isEarly: false);

    /// <summary>
    /// Asks for a longer share while the old one holds, so that a session in use never waits for its grain. It is a check like any other;
    /// where it fails, the old share goes on, and the first check after that asks again and says what is the matter. Those that are due in
    /// the same moment are sent together: what serves them is then in the processor's caches (docs/benchmarks.md).
    /// </summary>
    public async Task Renew(SessionId session, ClientFacts client, Func<SessionInfo, ReadyAnswers?, ReadyAnswers> make)
    {
        await NextRenewals();
        try
        {
            // What was taken back meanwhile, is over, or was asked for from another address, the next check asks for.
            if (_slots.TryGetValue(session, out var slot) && slot.Answer is { } answer && answer.Ip == client.Ip && answer.Holds(Moment.Now(_time), _time))
            {
                await Ask(session, client, make, isEarly: true);
            }
        }
        catch (Exception)
        {
            // Said by the check that asks again.
        }
    }

    /// <summary>Takes back a share: drops the answer, and sees to it that none on its way is kept. Then the grain may take it as acknowledged.</summary>
    public Task<DateTimeOffset?> Drop(SessionId session)
    {
        DateTimeOffset? lastUsed = null;
        if (_slots.TryGetValue(session, out var slot))
        {
            lock (slot)
            {
                lastUsed = slot.Answer?.LastUsed;
                slot.Answer = null;
                slot.TakenBack++;
            }
        }

        return Task.FromResult(lastUsed);
    }

    public void Dispose() => _sweep.Dispose();

    /// <summary>When the next renewals are sent; in batches so small that nobody else waits long behind them.</summary>
    private Task NextRenewals()
    {
        while (true)
        {
            var last = Volatile.Read(ref _renewals);
            if (last.TryJoin())
            {
                return last.Sent;
            }

            // Of several that see it at once one makes the next.
            Interlocked.CompareExchange(ref _renewals, new Renewals(Task.Delay(RenewalsTogether, _time)), last);
        }
    }

    private Task<EdgeCheck> Ask(SessionId session, ClientFacts client, Func<SessionInfo, ReadyAnswers?, ReadyAnswers> make, bool isEarly) =>
        AskAgainException.Repeat(() => AskOnce(session, client, make, isEarly));

    private async Task<EdgeCheck> AskOnce(SessionId session, ClientFacts client, Func<SessionInfo, ReadyAnswers?, ReadyAnswers> make, bool isEarly)
    {
        var (slot, question) = Begin(session);
        if (slot is null)
        {
            var unshared = await Send(session, new ValidateCommand(client));
            return new EdgeCheck(unshared, unshared.IsActive ? make(unshared.Session, null) : null);
        }

        try
        {
            var result = await Send(session, new ValidateCommand(client, new EdgeQuestion(_id, Reference(), question.LastUsed, isEarly)));
            var ready = result.IsActive ? make(result.Session, slot.Answer?.Ready) : null;
            Keep(session, slot, question, client.Ip, result.Share, ready, isEarly);
            return new EdgeCheck(result, ready);
        }
        finally
        {
            lock (slot)
            {
                slot.Asking--;
            }
        }
    }

    private Task<ValidateResult> Send(SessionId session, ValidateCommand command) =>
        _grains.Session(session).Validate(command);

    /// <summary>Notes a question before it is sent; no slot when as many sessions are held as may.</summary>
    private (EdgeSlot? Slot, PendingQuestion Question) Begin(SessionId session)
    {
        while (true)
        {
            if (!_slots.TryGetValue(session, out var slot))
            {
                if (Interlocked.Increment(ref _count) > _most)
                {
                    Interlocked.Decrement(ref _count);
                    return (null, default);
                }

                slot = new EdgeSlot();
                if (!_slots.TryAdd(session, slot))
                {
                    Interlocked.Decrement(ref _count);
                    continue;
                }
            }

            lock (slot)
            {
                if (!slot.IsGone)
                {
                    var now = Moment.Now(_time);
                    var lastUsed = slot.FinalUse(now, _time);
                    slot.Asking++;
                    return (slot, new PendingQuestion(now, lastUsed, slot.TakenBack));
                }
            }
        }
    }

    private void Keep(SessionId session, EdgeSlot slot, PendingQuestion question, string ip, TimeSpan share, ReadyAnswers? ready, bool isEarly)
    {
        lock (slot)
        {
            if (ready is null)
            {
                slot.Answer = null;
            }
            else if (question.TakenBack == slot.TakenBack && question.Asked.Holds(share, Moment.Now(_time), _time))
            {
                var used = slot.Answer is { } before && before.LastUsed > question.Asked.Wall ? before.LastUsed : question.Asked.Wall;
                slot.Answer = new EdgeAnswer(ip, share, RenewAfter(session, share, isEarly), question.Asked, ready, used);
            }
        }
    }

    /// <summary>Late in the share, at a moment that differs by session; a first share's differs by more, so that those asked for at once are soon apart.</summary>
    private static TimeSpan RenewAfter(SessionId session, TimeSpan share, bool isRenewed) =>
        share * (isRenewed ? 0.8 + (0.12 * Fraction(session)) : 0.55 + (0.35 * Fraction(session)));

    private static double Fraction(SessionId session) => (session.GetHashCode() & 0xFF) / 256.0;

    /// <summary>How grains reach this edge. Orleans holds what is behind it weakly: this object lives as long as the process.</summary>
    private IEdge Reference()
    {
        if (Volatile.Read(ref _reference) is { } known)
        {
            return known;
        }

        lock (_referring)
        {
            return _reference ??= _grains.CreateObjectReference<IEdge>(this);
        }
    }

    /// <summary>Lets go of the sessions that nobody asks for.</summary>
    private void Sweep()
    {
        foreach (var (session, slot) in _slots)
        {
            lock (slot)
            {
                if (slot.Asking == 0 && slot.Answer?.Holds(Moment.Now(_time), _time) != true && !slot.IsGone)
                {
                    slot.IsGone = true;
                    _slots.TryRemove(session, out _);
                    Interlocked.Decrement(ref _count);
                }
            }
        }
    }

    private sealed class Renewals(Task sent)
    {
        private const int Most = 16;

        private int _count;

        public Task Sent => sent;

        public bool TryJoin() => !sent.IsCompleted && Interlocked.Increment(ref _count) <= Most;
    }
}
