using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Simulation;

/// <summary>The hardest cases of the lease argument, as scripts: see <see cref="Script"/>.</summary>
internal sealed partial class SimHistory
{
    private static readonly TimeSpan Lingers = TimeSpan.FromSeconds(40);
    private static readonly UserId ScriptUser = new("user0");
    private TimeSpan _addressPeriod;

    private Task RunScript() => _plan.Script switch
    {
        Script.StaleMember => RunStaleMember(),
        Script.StaleEnding => RunStaleEnding(),
        Script.LateAnswer => RunLateAnswer(),
        Script.Leaving => RunLeaving(),
        Script.LateShare => RunLateShare(),
        Script.LateAcknowledgement => RunLateAcknowledgement(),
        Script.TwoEndings => RunTwoEndings(),
        Script.InUse => RunInUse(),
        Script.LaggingMember => RunLaggingMember(),
        Script.Sleeping => RunSleeping(),
        Script.Learning => RunLearning(),
        Script.GivenUp => RunGivenUp(),
        _ => RunRepeat(),
    };

    private async Task RunStaleMember()
    {
        // A session whose address changes stores that soon, and so may find that its row is gone; one that stays does not.
        _addressPeriod = _random.Next(2) == 0 ? TimeSpan.FromMilliseconds(_random.Next(500, 4900)) : TimeSpan.FromHours(1);
        await Login(ScriptUser, "login", terminate: false);
        var session = _sessions[0];
        var stale = HomeOfOne(session);
        var other = _cluster.Nodes.First(n => n != stale);
        await ValidateAt(stale, session);
        _cluster.Evict(stale, Lingers, TimeSpan.Zero);
        var asking = AskUntil(stale, session, _time.Elapsed + TimeSpan.FromSeconds(30));
        await Wait(20_000);
        await EndAll("end", other);
        await asking;
    }

    private async Task RunStaleEnding()
    {
        var stale = _cluster.HomeOf(GrainId.Create("user", ScriptUser.GrainKey), _cluster.Nodes[0]);
        var other = _cluster.Nodes.First(n => n != stale);
        await stale.Silo.User(ScriptUser).Describe();
        _cluster.Evict(stale, Lingers, TimeSpan.Zero);
        await Wait(9000);
        await Login(ScriptUser, "login", terminate: false, other);
        await ValidateAt(other, _sessions[0]);
        var first = EndAll("first", stale);
        await Wait(1000);
        await EndAll("second", stale);
        await Task.WhenAll(first, AskUntil(other, _sessions[0], _time.Elapsed + TimeSpan.FromSeconds(6)));
    }

    private async Task RunLateAnswer()
    {
        // Each check comes from another address than the one before, so each asks the user's grain.
        _addressPeriod = TimeSpan.FromMilliseconds(1);
        await Login(ScriptUser, "login", terminate: false);
        var session = _sessions[0];
        var asked = _cluster.AnyMachine();
        var asking = AskUntil(asked, session, _time.Elapsed + TimeSpan.FromSeconds(20));
        await Wait(10_000);
        await EndAll("end", _cluster.AnyNode());
        _addressPeriod = TimeSpan.FromHours(1);
        await Task.WhenAll(asking, AskUntil(_random.Next(2) == 0 ? asked : _cluster.AnyMachine(), session, _time.Elapsed + TimeSpan.FromSeconds(6)));
    }

    private async Task RunLeaving()
    {
        await Login(ScriptUser, "login", terminate: false);
        var (session, front) = (_sessions[0], _cluster.AnyMachine());
        await ValidateAt(front, session);
        if (_random.Next(4) == 0)
        {
            front.Stall();
            _time.After(TimeSpan.FromMilliseconds(_random.Next(9000)), front.Resume);
        }

        _cluster.Leave(GrainId.Create("session", session.GrainKey));
        await Wait(1000);
        await EndAll("end", _cluster.AnyNode());
        await AskUntil(front, session, _time.Elapsed + TimeSpan.FromSeconds(6));
    }

    private async Task RunLateShare()
    {
        await Login(ScriptUser, "login", terminate: false);
        var (session, first, second) = (_sessions[0], _cluster.AnyMachine(), _cluster.AnyMachine());
        await ValidateAt(first, session);
        await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(2000, 4900)), _time);
        await ValidateAt(second, session);
        // By turns when all has been over for long, and while a share may hold that was counted wrongly.
        await Wait(_random.Next(2) == 0 ? 15_000 : 4000);
        await EndAll("end", _cluster.AnyNode());
        await AskUntil(second, session, _time.Elapsed + TimeSpan.FromSeconds(6));
    }

    private async Task RunTwoEndings()
    {
        await Login(ScriptUser, "login", terminate: false);
        var (session, front) = (_sessions[0], _cluster.Fronts[0]);
        await ValidateAt(front, session);
        switch (_random.Next(3))
        {
            case 0:
                CutOff(front);
                break;
            case 1:
                Stall(front);
                break;
            default:
                _cluster.Nodes.ToList().ForEach(node => node.Clock.Ahead = TimeSpan.FromSeconds(6));
                break;
        }

        var first = EndAll("first", _cluster.AnyNode());
        await Wait(2000);
        await Task.WhenAll(first, EndAll("second", _cluster.AnyNode()), AskUntil(front, session, _time.Elapsed + TimeSpan.FromSeconds(12)));
    }

    private async Task RunLateAcknowledgement()
    {
        _addressPeriod = TimeSpan.FromMilliseconds(_random.Next(2) == 0 ? 1000 : 100_000);
        await Login(ScriptUser, "login", terminate: false);
        var (session, front) = (_sessions[0], _cluster.Fronts[0]);
        var asking = AskUntil(front, session, _time.Elapsed + TimeSpan.FromSeconds(30));
        await Wait(2000);
        await SetData(session);
        await Wait(9000);
        await EndAll("end", _cluster.AnyNode());
        await asking;
    }

    private async Task RunInUse()
    {
        await Login(ScriptUser, "login", terminate: false);
        var session = _sessions[0];
        await ValidateAt(_cluster.Fronts[0], session);
        if (_random.Next(2) == 0)
        {
            _cluster.Evict(_cluster.HomeOf(GrainId.Create("session", session.GrainKey), _cluster.Nodes[0]), Lingers, TimeSpan.Zero);
        }

        await AskUntil(_cluster.Fronts[0], session, _time.Elapsed + TimeSpan.FromSeconds(30));
    }

    private async Task RunRepeat()
    {
        await Login(ScriptUser, "login", terminate: false);
        var session = _sessions[0];
        await ValidateAt(_cluster.AnyNode(), session);
        var command = new EndCommand(null, EndReason.LoggedOut, Idempotency: SomeKey("end"));
        if (_random.Next(2) == 0)
        {
            // What ends the session is another request, of which nobody is told; this one finds nothing more to end.
            await _cluster.AnyNode().Silo.User(ScriptUser).End(command with { Idempotency = null });
        }

        await _cluster.AnyNode().Silo.User(ScriptUser).End(command);
        await Wait(4000);
        if (_random.Next(2) == 0)
        {
            _cluster.CrashActivation(GrainId.Create("user", ScriptUser.GrainKey));
        }

        await Ending(ScriptUser, "end", _ => true, grain => grain.End(command), _cluster.AnyNode());
        await AskUntil(_cluster.AnyNode(), session, _time.Elapsed + TimeSpan.FromSeconds(6));
    }

    /// <summary>Where the session's grain is, or its user's.</summary>
    private SimNode HomeOfOne(SessionId session) => _cluster.HomeOf(
        _random.Next(2) == 0 ? GrainId.Create("user", ScriptUser.GrainKey) : GrainId.Create("session", session.GrainKey), _cluster.Nodes[0]);

    private Task EndAll(string key, SimMachine node) => Ending(
        ScriptUser, key, _ => true, grain => grain.End(new EndCommand(null, EndReason.LoggedOut)), node);

    private static async Task Quietly(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (Exception exception) when (exception is not NullReferenceException)
        {
            // Who asks has no use for the answer.
        }
    }

    private async Task AskUntil(SimMachine node, SessionId session, TimeSpan end)
    {
        while (_time.Elapsed < end)
        {
            await ValidateAt(node, session);
            await Wait(400);
        }
    }

    private Task Wait(int longest) => Task.Delay(TimeSpan.FromMilliseconds(_random.Next(longest)), _time);

    // Each change of address asks the user's grain, also while its knowledge is not due to be read again.
    private Task ValidateAt(SimMachine node, SessionId session) => Validate(
        session, _addressPeriod == default ? "10.1.0.1" : $"10.1.0.{1 + ((int)(_time.Elapsed / _addressPeriod) % 2)}", node);
}
