using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Simulation;

/// <summary>
/// The hardest case of the lease argument, as a script: a member that was evicted goes on for long without knowing it and is
/// asked again and again, while another node ends the session. Only the moments differ from seed to seed.
/// </summary>
internal sealed partial class SimHistory
{
    private static readonly TimeSpan Lingers = TimeSpan.FromSeconds(40);
    private TimeSpan _addressPeriod;

    private async Task RunStaleMember()
    {
        var user = new UserId("user0");
        // A session whose address changes stores that soon, and so may find that its row is gone; one that stays does not.
        _addressPeriod = _random.Next(2) == 0 ? TimeSpan.FromMilliseconds(_random.Next(500, 4900)) : TimeSpan.FromHours(1);
        await Login(user, "login", terminate: false);
        var session = _sessions[0];
        var grains = new[] { GrainId.Create("user", user.GrainKey), GrainId.Create("session", session.GrainKey) };
        var stale = _cluster.HomeOf(grains[_random.Next(2)], _cluster.Nodes[0]);
        var other = _cluster.Nodes.First(n => n != stale);
        await ValidateAt(stale, session);
        _cluster.Evict(stale, Lingers, TimeSpan.Zero);
        var asking = AskUntil(stale, session, _time.Elapsed + TimeSpan.FromSeconds(30));
        await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(20_000)), _time);
        var grain = other.Silo.GetGrain<IUserGrain>(user.GrainKey);
        var result = await grain.End(new EndCommand(null, null, EndReason.LoggedOut, null, null, null, null));
        _seen.Ended(_loop, "end", await Tell(grain, result.Ending!));
        await asking;
    }

    private async Task AskUntil(SimNode node, SessionId session, TimeSpan end)
    {
        while (_time.Elapsed < end)
        {
            await ValidateAt(node, session);
            await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(400)), _time);
        }
    }

    // Each change of address asks the user's grain, also while its knowledge is not due to be read again.
    private Task ValidateAt(SimNode node, SessionId session) =>
        Validate(session, $"10.1.0.{1 + ((int)(_time.Elapsed / _addressPeriod) % 2)}", node);
}
