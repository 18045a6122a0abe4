using SessionCluster.Sessions;

namespace SessionCluster.Simulation;

/// <summary>A check that a client began.</summary>
/// <param name="Session">The session.</param>
/// <param name="Where">At which machine.</param>
/// <param name="Step">The step of the loop at which it began.</param>
/// <param name="At">When it began.</param>
/// <param name="Wall">The same by the true wall clock.</param>
internal sealed record Check(SessionId Session, string Where, string From, long Step, TimeSpan At, DateTimeOffset Wall);

/// <summary>
/// Who checks after a change of data was answered sees it, or a later one: at once where no process was lost, and F + L later at the latest.
/// </summary>
internal sealed class DataCheck
{
    /// <summary>F + L of a cluster; one machine knows sooner.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    private readonly List<Write> _writes = [];

    /// <summary>When a process, or the memory of a session, was last lost.</summary>
    public Func<TimeSpan?> LastLoss { get; set; } = () => null;

    /// <summary>False where members live on that nobody can tell: then only what no loss has touched is promised.</summary>
    public bool IsBounded { get; set; } = true;

    /// <summary>A change is asked for; its data is its number.</summary>
    public int Asked(SessionId session, long step)
    {
        _writes.Add(new Write(session, step));
        return _writes.Count;
    }

    public void Answered(int number, long step, TimeSpan at) => _writes[number - 1] = _writes[number - 1] with { Answered = step, AnsweredAt = at };

    public string? Fault(Check check, string data)
    {
        var seen = data.Length == 0 ? new Write(check.Session, -1) { Answered = -1 } : _writes[int.Parse(data, System.Globalization.CultureInfo.InvariantCulture) - 1];
        // Of a change without an answer nobody knows when it takes effect.
        var newer = seen.Answered is { } over ? _writes.FindAll(w => w.Session == check.Session && w.Began > over && w.Answered < check.Step) : [];
        var missed = newer.FirstOrDefault(w => LastLoss() is not { } loss || (IsBounded && (loss + Bound < w.AnsweredAt || check.At >= w.AnsweredAt + Bound)));
        return missed is null ? null : $"a check begun at {check.Step} saw the data '{data}' although other data was answered at {missed.Answered}";
    }

    private sealed record Write(SessionId Session, long Began)
    {
        public long? Answered { get; init; }

        public TimeSpan AnsweredAt { get; init; }
    }
}

/// <summary>A session that is used does not end as idle before its time, unless the memory of its use was lost.</summary>
internal sealed class UseCheck
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);
    private readonly Dictionary<SessionId, TimeSpan> _last = [];

    /// <summary>False where processes do not know that they were evicted: one that lingers may call a session idle that is used elsewhere.</summary>
    public bool IsChecked { get; set; } = true;

    /// <summary>A use was answered; it happened at that moment or later.</summary>
    public void Add(SessionId session, TimeSpan at) => _last[session] = _last.TryGetValue(session, out var last) && last > at ? last : at;

    /// <summary>A session ends as idle now.</summary>
    public string? Fault(SessionId session, TimeSpan now, TimeSpan idle, TimeSpan? lastLoss) =>
        IsChecked && _last.TryGetValue(session, out var used) && now < used + idle && !(lastLoss + Bound >= used)
            ? $"{session} ended as idle {(now - used).TotalSeconds} seconds after a use"
            : null;
}
