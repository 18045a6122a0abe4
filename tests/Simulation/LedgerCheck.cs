using SessionCluster.Sessions;

namespace SessionCluster.Simulation;

/// <summary>Replays the committed changes and holds them against the rows, the events and what callers were answered.</summary>
internal static class LedgerCheck
{
    public static string? Run(SimStorage storage, Observations seen, SimPlan plan)
    {
        var failure = storage.Commits.GroupBy(c => c.User).Select(user => CheckUser([.. user], seen, plan)).FirstOrDefault(f => f is not null);
        return failure ?? CheckRows(storage) ?? CheckAnswers(storage, seen);
    }

    private static string? CheckUser(IReadOnlyList<Commit> committed, Observations seen, SimPlan plan)
    {
        Dictionary<Guid, SessionV1> live = [];
        HashSet<string> keys = [];
        var terminating = seen.Logins.Where(l => l.Terminates).ToDictionary(l => l.Session.Value);
        for (var i = 0; i < committed.Count; i++)
        {
            var commit = committed[i].Ledger;
            if (commit.Revision != i + 1)
            {
                return $"revision {commit.Revision} was committed as number {i + 1}";
            }

            if (commit.Ended.Any(e => !live.Remove(e.Id)))
            {
                return $"revision {commit.Revision} ended a session that was not live";
            }

            if (commit.Created.Any(c => !live.TryAdd(c.Id, c)))
            {
                return $"revision {commit.Revision} created a session twice";
            }

            if (!commit.Events.Where(e => e.Action == "login").Select(e => e.Session!.Value.Value).SequenceEqual(commit.Created.Select(c => c.Id))
                || !commit.Events.Where(e => e.Action == "logout").Select(e => e.Session!.Value.Value).SequenceEqual(commit.Ended.Select(e => e.Id)))
            {
                return $"the events of revision {commit.Revision} are not its changes";
            }

            if (commit.Answered.LastOrDefault(a => a.Revision == commit.Revision) is { } answer && !keys.Add(answer.Key))
            {
                return $"the request {answer.Key} took effect twice";
            }

            var now = committed[i].At;
            // Those past their end are ended with the others.
            if (commit.Created.Length == 1 && terminating.ContainsKey(commit.Created[0].Id) && live.Count > 1)
            {
                return $"{live.Count} sessions are live after the terminating login of revision {commit.Revision}";
            }

            if (commit.Inactive && live.Count > 0)
            {
                return $"{live.Count} sessions are live although revision {commit.Revision} deactivated the user";
            }

            // Which of them are past their end is a matter of the clock that decided.
            var alive = live.Values.Count(s => now < s.Expires);
            if (plan.Cap > 0 && !plan.WallJumps && commit.Created.Length > 0 && alive > plan.Cap)
            {
                return $"{alive} sessions are live after revision {commit.Revision}; the cap is {plan.Cap}";
            }
        }

        return null;
    }

    private static string? CheckRows(SimStorage storage)
    {
        var created = storage.Commits.SelectMany(c => c.Ledger.Created).Select(c => c.Id);
        var ended = storage.Commits.SelectMany(c => c.Ledger.Ended).Select(e => e.Id).ToHashSet();
        var expected = created.Where(c => !ended.Contains(c)).ToHashSet();
        return expected.SetEquals(storage.Rows.Select(r => r.Id)) ? null : "the session rows are not what the committed changes left";
    }

    private static string? CheckAnswers(SimStorage storage, Observations seen)
    {
        var created = storage.Commits.SelectMany(c => c.Ledger.Created).Select(c => c.Id).ToHashSet();
        var ended = storage.Commits.SelectMany(c => c.Ledger.Ended).Select(e => e.Id).ToHashSet();
        if (seen.Logins.FirstOrDefault(l => !created.Contains(l.Session.Value)) is { Key: not null } lost)
        {
            return $"the answered login {lost.Key} was lost";
        }

        return seen.AnsweredEndings.Any(id => !ended.Contains(id.Value)) ? "an answered ending was not committed" : null;
    }
}
