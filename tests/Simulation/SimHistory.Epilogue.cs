using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Simulation;

/// <summary>What is seen after all faults have ended.</summary>
internal sealed partial class SimHistory
{
    /// <summary>By then every call that was begun among faults has ended, well or not.</summary>
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(90);

    private void Heal()
    {
        _cluster.Storage.FaultRate = 0;
        _cluster.HealNetwork();
        foreach (var machine in _cluster.Machines)
        {
            machine.IsCutOff = false;
            machine.Resume();
        }
    }

    /// <summary>After all faults, and a restart of everything, each session is what the database says.</summary>
    private async Task Epilogue()
    {
        await Task.Delay(Recovery, _time);
        if (Stuck() is { } stuck)
        {
            _seen.Violate(_loop, stuck);
        }

        // Nobody has used a session since long before: its idle time, L and a sweep have passed.
        if (_plan.HasIdle && _cluster.Storage.Rows.Any())
        {
            _seen.Violate(_loop, "a session that nobody uses has not ended as idle");
        }

        if (_random.Next(2) == 0)
        {
            foreach (var node in _cluster.Nodes)
            {
                _cluster.CrashNode(node);
            }
        }

        foreach (var row in _cluster.Storage.Rows.ToArray())
        {
            _sessions.Add(new SessionId(row.Id));
        }

        foreach (var id in _sessions.Distinct())
        {
            var now = _time.GetUtcNow();
            var machine = _cluster.AnyMachine();
            var stored = _cluster.Storage.Rows.FirstOrDefault(r => r.Id == id.Value);
            var ip = stored?.LastIp ?? "10.1.0.1";
            var check = new Check(id, machine.Name, ip, _loop.Tick(), _time.Elapsed, now);
            var expected = stored is not null && now < stored.Expires;
            var result = await machine.Check(id, Client(ip));
            _seen.Validated(_loop, check, result);
            if (result.IsActive != expected)
            {
                _seen.Violate(_loop, $"after healing, {id} is {result.Status} but stored as {(expected ? "live" : "ended")}");
            }
        }

        // A cluster that refuses everybody keeps every other promise.
        var before = _sessions.Count;
        await Login(new UserId("afterwards"), "afterwards", terminate: false);
        if (_sessions.Count == before)
        {
            _seen.Violate(_loop, "after healing, nobody can log in");
        }
    }

    /// <summary>In a healed cluster everything that a request may wait for comes soon, as long as the simulation brings it.</summary>
    private string? Stuck() => _cluster.Nodes.SelectMany(n => n.Silo.AtWorkLonger(TimeSpan.FromSeconds(20)))
        .Select(request => $"{request}: it waits for what the simulation does not know, such as a moment of real time").FirstOrDefault();
}
