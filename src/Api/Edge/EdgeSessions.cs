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

    private readonly ConcurrentDictionary<SessionId, Slot> _slots = new();

    private readonly IGrainFactory _grains;

    private readonly TimeProvider _time;

    private readonly int _most;

    private readonly Guid _id;

    private readonly ITimer _sweep;

    private readonly Lock _referring = new();

    private IEdge? _reference;

    private int _count;

    /// <param name="grains">The grains.</param>
    /// <param name="time">The clock.</param>
    /// <param name="mostSessions">Most sessions that are held at a time.</param>
    /// <param name="id">The identity of this process; another one at each start.</param>
    public EdgeSessions(IGrainFactory grains, TimeProvider time, int mostSessions, Guid id)
    {
        (_grains, _time, _most, _id) = (grains, time, mostSessions, id);
        _sweep = time.CreateTimer(static edge => ((EdgeSessions)edge!).Sweep(), this, SweepInterval, SweepInterval);
    }

    /// <summary>How many sessions are held or asked for.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The answers for a check of a session from an address; null when its grain has to be asked. Notes the use.</summary>
    /// <param name="session">The session.</param>
    /// <param name="ip">The address, canonical text.</param>
    /// <param name="isDue">Whether the caller has to <see cref="Renew"/> the share. Said to one check for each share.</param>
    public ReadyAnswers? Find(SessionId session, ReadOnlySpan<char> ip, out bool isDue)
    {
        if (_slots.TryGetValue(session, out var slot) && slot.Answer is { } answer && ip.SequenceEqual(answer.Ip) && answer.Holds(_time))
        {
            answer.Use(_time);
            isDue = answer.TakeRenewal(_time);
            return answer.Ready;
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
    /// <param name="session">The session.</param>
    /// <param name="client">Where the use comes from.</param>
    /// <param name="make">Makes the answers of a live session, from it and from those that were there before.</param>
    public Task<EdgeCheck> Ask(SessionId session, ClientFacts client, Func<SessionInfo, ReadyAnswers?, ReadyAnswers> make) =>
        Ask(session, client, make, isEarly: false);

    /// <summary>
    /// Asks for a longer share while the old one holds, so that a session in use never waits for its grain. It is a check like any other;
    /// where it fails, the old share goes on, and the first check after that asks again and says what is the matter.
    /// </summary>
    public async Task Renew(SessionId session, ClientFacts client, Func<SessionInfo, ReadyAnswers?, ReadyAnswers> make)
    {
        try
        {
            await Ask(session, client, make, isEarly: true);
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
                slot.FlagQuestions();
            }
        }

        return Task.FromResult(lastUsed);
    }

    public void Dispose() => _sweep.Dispose();

    private async Task<EdgeCheck> Ask(SessionId session, ClientFacts client, Func<SessionInfo, ReadyAnswers?, ReadyAnswers> make, bool isEarly)
    {
        try
        {
            return await AskOnce(session, client, make, isEarly);
        }
        catch (AskAgainException)
        {
            return await AskOnce(session, client, make, isEarly);
        }
    }

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
            Keep(session, slot, question, client.Ip, result.Share, ready);
            return new EdgeCheck(result, ready);
        }
        finally
        {
            lock (slot)
            {
                slot.Remove(question);
            }
        }
    }

    private Task<ValidateResult> Send(SessionId session, ValidateCommand command) =>
        _grains.GetGrain<ISessionGrain>(session.GrainKey).Validate(command);

    /// <summary>Notes a question before it is sent; no slot when as many sessions are held as may.</summary>
    private (Slot? Slot, Question Question) Begin(SessionId session)
    {
        while (true)
        {
            if (!_slots.TryGetValue(session, out var slot))
            {
                if (Interlocked.Increment(ref _count) > _most)
                {
                    Interlocked.Decrement(ref _count);
                    return (null, new Question(default, null));
                }

                slot = new Slot();
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
                    var question = new Question(Asked.Now(_time), slot.FinalUse(_time));
                    slot.Add(question);
                    return (slot, question);
                }
            }
        }
    }

    private void Keep(SessionId session, Slot slot, Question question, string ip, TimeSpan share, ReadyAnswers? ready)
    {
        lock (slot)
        {
            if (ready is null)
            {
                slot.Answer = null;
            }
            else if (!question.IsFlagged && question.Asked.Holds(share, _time))
            {
                var used = slot.Answer is { } before && before.LastUsed > question.Asked.Wall ? before.LastUsed : question.Asked.Wall;
                slot.Answer = new EdgeAnswer(ip, share, RenewAfter(session, share), question.Asked, ready, used);
            }
        }
    }

    /// <summary>In the last third of the share, at a moment that differs by session: those asked for at once are not all renewed at once.</summary>
    private static TimeSpan RenewAfter(SessionId session, TimeSpan share) => share * (0.65 + (0.25 * (session.GetHashCode() & 0xFF) / 0x100));

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
                if (!slot.IsAsking && slot.Answer?.Holds(_time) != true && !slot.IsGone)
                {
                    slot.IsGone = true;
                    _slots.TryRemove(session, out _);
                    Interlocked.Decrement(ref _count);
                }
            }
        }
    }

    /// <summary>One session here. Its lock is taken to ask, to keep and to drop, never to answer.</summary>
    private sealed class Slot
    {
        private EdgeAnswer? _answer;

        // A list of those on their way: nearly always none or one.
        private Question? _questions;

        public EdgeAnswer? Answer
        {
            get => Volatile.Read(ref _answer);
            set => Volatile.Write(ref _answer, value);
        }

        /// <summary>
        /// The last use under shares that are all over; null while one may still be used, or is on its way, and when nothing is known.
        /// </summary>
        public DateTimeOffset? FinalUse(TimeProvider time) => !IsAsking && Answer is { } answer && !answer.Holds(time) ? answer.LastUsed : null;

        /// <summary>True once it is out of the table.</summary>
        public bool IsGone { get; set; }

        /// <summary>Whether a question is on its way.</summary>
        public bool IsAsking => _questions is not null;

        public void Add(Question question) => (question.Next, _questions) = (_questions, question);

        public void Remove(Question question)
        {
            if (_questions == question)
            {
                _questions = question.Next;
                return;
            }

            for (var before = _questions; before is not null; before = before.Next)
            {
                if (before.Next == question)
                {
                    before.Next = question.Next;
                }
            }
        }

        public void FlagQuestions()
        {
            for (var question = _questions; question is not null; question = question.Next)
            {
                question.IsFlagged = true;
            }
        }
    }

    /// <summary>A question on its way.</summary>
    private sealed class Question(Asked asked, DateTimeOffset? lastUsed)
    {
        public Asked Asked => asked;

        public DateTimeOffset? LastUsed => lastUsed;

        /// <summary>The next one of the same session.</summary>
        public Question? Next { get; set; }

        /// <summary>True when the share was taken back meanwhile: the answer is not kept.</summary>
        public bool IsFlagged { get; set; }
    }
}
