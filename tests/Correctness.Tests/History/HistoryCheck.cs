namespace SessionCluster.Correctness.Tests.History;

/// <summary>
/// Reads a whole history, and says what in it breaks the promises of sessions. It knows nothing of the server but its answers.
/// An operation without an answer may have happened at any moment after its start; attempts with one key are one operation,
/// which happened not before the first attempt began.
/// </summary>
internal sealed partial class HistoryCheck
{
    private readonly IReadOnlyList<Operation> _operations;
    private readonly List<Finding> _findings = [];
    private readonly Dictionary<string, long> _firstStart;
    private readonly Dictionary<string, long> _lastEnd;
    private readonly ILookup<string, string> _keysByUser;
    private readonly Dictionary<string, string> _sessionByKey;
    private readonly Dictionary<string, Session> _sessions;
    private readonly ILookup<string, Operation> _endingsByUser;

    private HistoryCheck(IReadOnlyList<Operation> operations)
    {
        _operations = operations;
        _firstStart = operations.Where(o => o.Key is not null).GroupBy(o => o.Key!).ToDictionary(g => g.Key, g => g.Min(o => o.Start));
        _lastEnd = operations.Where(o => o.Key is not null).GroupBy(o => o.Key!).ToDictionary(g => g.Key, g => g.Max(o => o.End ?? long.MaxValue));
        _keysByUser = operations.Where(o => o.Key is not null).DistinctBy(o => o.Key).ToLookup(o => o.User, o => o.Key!);
        _sessionByKey = operations.Where(o => o is { IsLogin: true, IsDone: true, Key: not null }).GroupBy(o => o.Key!).ToDictionary(g => g.Key, g => g.First().Session!);
        _endingsByUser = operations.Where(o => o.EndsAll || o.EndsOne).ToLookup(o => o.User);
        _sessions = operations.Where(o => o.IsLogin && o.IsDone).GroupBy(o => o.Session!).ToDictionary(g => g.Key, g => Known(g.Key, [.. g]));
    }

    /// <summary>What is wrong. Without <paramref name="remains"/> the event log and the list are not looked at.</summary>
    public static IReadOnlyList<Finding> Run(IReadOnlyList<Operation> operations, Remains? remains)
    {
        var check = new HistoryCheck(operations);
        check.Statuses();
        check.Validates();
        check.Replays();
        check.Receipts();
        check.Activity();
        if (remains is not null)
        {
            check.Log(remains);
        }

        return check._findings;
    }

    /// <summary>A session whose login was answered.</summary>
    /// <param name="Born">When the first answer of its login was there.</param>
    /// <param name="Over">From when on it must be refused.</param>
    /// <param name="MayBeOver">From when on it may be refused.</param>
    private sealed record Session(string Id, string User, long Born, long? Over, long? MayBeOver);

    private void Report(Fault fault, string text) => _findings.Add(new Finding(fault, text));

    private long FirstStart(Operation operation) => operation.Key is { } key ? _firstStart[key] : operation.Start;

    private Session Known(string id, Operation[] logins)
    {
        var user = logins[0].User;
        var born = logins.Min(l => l.End!.Value);
        long? over = null, mayBeOver = null;
        foreach (var ending in _endingsByUser[user])
        {
            if (MustHaveEnded(ending, id, born))
            {
                over = Math.Min(over ?? long.MaxValue, ending.End!.Value);
            }

            if (MayHaveEnded(ending, id))
            {
                mayBeOver = Math.Min(mayBeOver ?? long.MaxValue, ending.Start);
            }
        }

        return new Session(id, user, born, over, mayBeOver);
    }

    private bool MustHaveEnded(Operation ending, string session, long born) => ending.IsDone
        && ((ending.EndsOne && ending.Session == session)
            || ending.Ended?.Contains(session) == true
            || (ending.EndsAll && ending.Session != session && born < FirstStart(ending)));

    private bool MayHaveEnded(Operation ending, string session)
    {
        var isAimed = ending.EndsAll ? ending.Session != session : ending.Session == session;
        if (ending.End is null || (ending.IsDone && ending.Ended is null))
        {
            // The first attempt of its own login, which was answered only when repeated, did not end it either.
            return isAimed && (ending.Key is null || _sessionByKey.GetValueOrDefault(ending.Key) != session);
        }

        return ending.IsDone && ending.Ended!.Contains(session);
    }

    private void Statuses()
    {
        foreach (var operation in _operations.Where(o => o.End is not null && !IsAllowed(o)))
        {
            Report(Fault.UnexpectedStatus, operation.ToString());
        }
    }

    private static bool IsAllowed(Operation operation) => operation.Act switch
    {
        Act.Login or Act.TerminatingLogin => operation.Status is 201 or 403,
        Act.PutData => operation.Status is 200 or 409,
        Act.Delete => operation.Status is 204 or 404,
        Act.Logout => operation.Status is 204,
        _ => operation.Status is 200,
    };

    private void Validates()
    {
        var puts = _operations.Where(o => o.Act == Act.PutData && (o.End is null || o.IsDone)).ToLookup(o => o.Session!);
        foreach (var validate in _operations.Where(o => o is { Act: Act.Validate, IsDone: true }))
        {
            if (!_sessions.TryGetValue(validate.Session!, out var session))
            {
                continue;
            }

            if (validate.Active)
            {
                if (session.Over < validate.Start)
                {
                    Report(Fault.AcceptedAfterEnding, $"{validate}; ended by: {EndingsOf(session)}");
                }

                Data(validate, [.. puts[session.Id]]);
            }
            else if (session.MayBeOver is not { } may || may > validate.End)
            {
                Report(Fault.LostSession, $"{validate}; nothing that may have ended it began before");
            }
            else if (validate.Reason is not ("revoked" or "user_inactive"))
            {
                Report(Fault.ForgottenReason, validate.ToString());
            }
        }
    }

    private string EndingsOf(Session session) =>
        string.Join("; ", _endingsByUser[session.User].Where(e => MustHaveEnded(e, session.Id, session.Born)).OrderBy(e => e.End).Take(3));

    /// <summary>A session's data is a register: a read shows a write that had begun, and that no later write had replaced before the read.</summary>
    private void Data(Operation validate, Operation[] puts)
    {
        var source = puts.FirstOrDefault(p => p.Data == validate.Data);
        if (validate.Data is not null && (source is null || source.Start > validate.End))
        {
            Report(Fault.WrongData, $"{validate}: nobody had stored it");
            return;
        }

        var sourceEnd = validate.Data is null ? long.MinValue : source!.End ?? long.MaxValue;
        var newer = puts.FirstOrDefault(p => p.IsDone && p.Start > sourceEnd && p.End < validate.Start);
        if (newer is not null)
        {
            Report(Fault.WrongData, $"{validate}: it was replaced by {newer}");
        }
    }
}
