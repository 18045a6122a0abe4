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

            if (commit.Dead.Any(d => !live.Remove(d.Id)))
            {
                return $"revision {commit.Revision} ended a session that was not live";
            }

            if (commit.Born.Any(b => !live.TryAdd(b.Id, b)))
            {
                return $"revision {commit.Revision} bore a session twice";
            }

            if (!commit.Journal.Where(e => e.Action == "login").Select(e => e.Session!.Value).SequenceEqual(commit.Born.Select(b => b.Id))
                || !commit.Journal.Where(e => e.Action == "logout").Select(e => e.Session!.Value).SequenceEqual(commit.Dead.Select(d => d.Id)))
            {
                return $"the events of revision {commit.Revision} are not its changes";
            }

            if (commit.Answered.LastOrDefault(a => a.Revision == commit.Revision) is { } answer && !keys.Add(answer.Key))
            {
                return $"the request {answer.Key} took effect twice";
            }

            var now = committed[i].At;
            var alive = live.Values.Where(s => now < s.Expires).ToArray();
            if (commit.Born.Length == 1 && terminating.ContainsKey(commit.Born[0].Id) && alive.Any(s => s.Id != commit.Born[0].Id))
            {
                return $"{alive.Length} sessions are live after the terminating login of revision {commit.Revision}";
            }

            if (commit.Inactive && alive.Length > 0)
            {
                return $"{alive.Length} sessions are live although revision {commit.Revision} deactivated the user";
            }

            if (plan.Cap > 0 && commit.Born.Length > 0 && alive.Length > plan.Cap)
            {
                return $"{alive.Length} sessions are live after revision {commit.Revision}; the cap is {plan.Cap}";
            }
        }

        return null;
    }

    private static string? CheckRows(SimStorage storage)
    {
        var born = storage.Commits.SelectMany(c => c.Ledger.Born).Select(b => b.Id);
        var dead = storage.Commits.SelectMany(c => c.Ledger.Dead).Select(d => d.Id).ToHashSet();
        var expected = born.Where(b => !dead.Contains(b)).ToHashSet();
        return expected.SetEquals(storage.Rows.Select(r => r.Id)) ? null : "the session rows are not what the committed changes left";
    }

    private static string? CheckAnswers(SimStorage storage, Observations seen)
    {
        var born = storage.Commits.SelectMany(c => c.Ledger.Born).Select(b => b.Id).ToHashSet();
        var dead = storage.Commits.SelectMany(c => c.Ledger.Dead).Select(d => d.Id).ToHashSet();
        if (seen.Logins.FirstOrDefault(l => !born.Contains(l.Session.Value)) is { Key: not null } lost)
        {
            return $"the answered login {lost.Key} was lost";
        }

        return seen.AnsweredEndings.Any(id => !dead.Contains(id.Value)) ? "an answered ending was not committed" : null;
    }
}
