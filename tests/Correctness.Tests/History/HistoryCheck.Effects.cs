namespace SessionCluster.Correctness.Tests.History;

/// <content>What operations did, by their receipts and by the event log.</content>
internal sealed partial class HistoryCheck
{
    /// <summary>How many answers to requests with a key the server keeps for each user.</summary>
    private const int AnswersKept = 32;

    /// <summary>Attempts with one key have one effect and one answer.</summary>
    private void Replays()
    {
        foreach (var attempts in _operations.Where(o => o is { IsDone: true, Key: not null } && (o.IsLogin || o.Ended is not null)).GroupBy(o => o.Key!).Where(AreKept))
        {
            var answers = attempts.Select(o => (o.IsLogin ? o.Session : "", o.Revision, string.Join(',', (o.Ended ?? []).Order()))).Distinct().Count();
            if (answers > 1)
            {
                Report(Fault.UnequalReplay, string.Join("; ", attempts));
            }
        }

        foreach (var born in _operations.Where(o => o is { IsLogin: true, IsDone: true }).GroupBy(o => o.Session!))
        {
            if (born.Any(o => o.Key is null) ? born.Count() > 1 : born.Select(o => o.Key).Distinct().Count() > 1)
            {
                Report(Fault.UnequalReplay, $"one session of several logins: {string.Join("; ", born)}");
            }
        }
    }

    /// <summary>Whether the answer was still kept at the last attempt: the server keeps the newest 32 of a user.</summary>
    private bool AreKept(IEnumerable<Operation> attempts)
    {
        var (first, last) = (attempts.MinBy(o => o.Start)!, attempts.MaxBy(o => o.Start)!);
        var between = _keysByUser[first.User].Count(key => _firstStart[key] <= last.End && _lastEnd[key] >= FirstStart(first));
        return between <= AnswersKept;
    }

    /// <summary>Each session is ended by one commit, and the commits of a user are numbered as they happened.</summary>
    private void Receipts()
    {
        foreach (var user in _endingsByUser)
        {
            var receipts = user.Where(o => o is { IsDone: true, Ended.Count: > 0 })
                .GroupBy(o => o.Key ?? $"{o.Act} {o.Start} {o.Session}").Select(g => g.MinBy(o => o.End)!).ToArray();
            foreach (var twice in receipts.SelectMany(r => r.Ended!.Select(s => (Session: s, Receipt: r))).GroupBy(e => e.Session).Where(g => g.Count() > 1))
            {
                Report(Fault.EndedTwice, $"{twice.Key}: {string.Join("; ", twice.Select(e => e.Receipt))}");
            }

            var ordered = receipts.OrderBy(r => r.Revision).ToArray();
            var latest = ordered.FirstOrDefault();
            foreach (var (earlier, later) in ordered.Zip(ordered.Skip(1)))
            {
                latest = FirstStart(earlier) > FirstStart(latest!) ? earlier : latest;
                if (earlier.Revision == later.Revision || later.End < FirstStart(latest!))
                {
                    Report(Fault.RevisionOrder, $"{latest}; {later}");
                }
            }
        }
    }

    /// <summary>No login succeeds after an answered deactivation, until an activation begins.</summary>
    private void Activity()
    {
        foreach (var user in _operations.Where(o => o.Act is Act.Activate or Act.Deactivate || o.IsLogin).GroupBy(o => o.User))
        {
            var activations = user.Where(o => o.Act == Act.Activate).ToArray();
            var deactivations = user.Where(o => o is { Act: Act.Deactivate, IsDone: true }).ToArray();
            foreach (var login in user.Where(o => o is { IsLogin: true, IsDone: true }))
            {
                var broken = deactivations.FirstOrDefault(d => d.End < FirstStart(login)
                    && !activations.Any(a => FirstStart(a) < login.End && (a.End ?? long.MaxValue) > FirstStart(d)));
                if (broken is not null)
                {
                    Report(Fault.LoginWhileInactive, $"{login}; {broken}");
                }
            }
        }
    }

    private void Log(Remains remains)
    {
        foreach (var twice in remains.Events.GroupBy(e => e.Pk).Where(g => g.Count() > 1))
        {
            Report(Fault.EventTwice, $"{twice.Key}: {twice.First()}");
        }

        var logins = remains.Events.Where(e => e.Action == "login").ToLookup(e => e.Session);
        var logouts = remains.Events.Where(e => e.Action == "logout").ToLookup(e => e.Session);
        var live = remains.Live.ToHashSet();
        Unasked(logins);
        foreach (var id in _sessions.Keys.Concat(logins.Select(l => l.Key)).Concat(logouts.Select(l => l.Key)).Concat(live).ToHashSet())
        {
            var known = _sessions.GetValueOrDefault(id);
            if (logins[id].Count() != 1)
            {
                Report(Fault.LoginEvents, $"{id} has {logins[id].Count()} login events; {Story(id)}");
            }

            var isListed = live.Contains(id);
            if (logouts[id].Count() != (isListed ? 0 : 1))
            {
                Report(Fault.LogoutEvents, $"{id} is {(isListed ? "" : "not ")}listed and has {logouts[id].Count()} logout events; {Story(id)}");
            }

            if (known is not null && (isListed ? known.Over is not null : known.MayBeOver is null))
            {
                Report(Fault.WrongList, $"{id} is {(isListed ? "" : "not ")}listed; {Story(id)}");
            }
        }
    }

    private string Story(string session) => string.Join("; ", _operations.Where(o => o.Session == session || o.Ended?.Contains(session) == true).Take(20));

    /// <summary>A session that no answer names is of a login without an answer, one each.</summary>
    private void Unasked(ILookup<string, LoggedEvent> logins)
    {
        var unknown = logins.Where(l => !_sessions.ContainsKey(l.Key)).CountBy(l => l.First().User).ToDictionary();
        foreach (var (user, count) in unknown)
        {
            var requests = _operations.Where(o => o.IsLogin && o.User == user).GroupBy(o => o.Key ?? $"{o.Start}");
            var unanswered = requests.Count(attempts => attempts.All(o => o.End is null));
            if (count > unanswered)
            {
                Report(Fault.UnaskedSession, $"{user} has {count} sessions that no answer named, of {unanswered} logins without an answer");
            }
        }
    }
}
