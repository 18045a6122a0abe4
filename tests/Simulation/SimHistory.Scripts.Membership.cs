using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Simulation;

/// <content>Scripts in which the membership changes, or a member cannot know what time it is.</content>
internal sealed partial class SimHistory
{
    private async Task RunLaggingMember()
    {
        _addressPeriod = _random.Next(2) == 0 ? TimeSpan.FromMilliseconds(_random.Next(500, 4900)) : TimeSpan.FromHours(1);
        await Login(ScriptUser, "login", terminate: false);
        var session = _sessions[0];
        var lagging = HomeOfOne(session);
        var other = _cluster.Nodes.First(n => n != lagging);
        await ValidateAt(lagging, session);
        await Task.Delay(TimeSpan.FromSeconds(11), _time);
        await ValidateAt(lagging, session);
        _cluster.ChangeUnheard(lagging, TimeSpan.FromMilliseconds(_random.Next(30_000)));
        SimMachine[] asked = [lagging, other, _cluster.Fronts[0]];
        var asking = Task.WhenAll(asked.Select(machine => AskUntil(machine, session, _time.Elapsed + TimeSpan.FromSeconds(40))));
        await Wait(3000);
        await SetData(session, _random.Next(2) == 0 ? lagging : other);
        await Wait(25_000);
        await Ending(ScriptUser, "end", _ => true, grain => grain.End(new EndCommand(null, EndReason.LoggedOut)), asked[_random.Next(3)]);
        await asking;
    }

    private async Task RunLearning()
    {
        await Login(ScriptUser, "login", terminate: false);
        var session = _sessions[0];
        var lagging = HomeOfOne(session);
        await ValidateAt(lagging, session);
        await Task.Delay(TimeSpan.FromSeconds(11), _time);
        await ValidateAt(lagging, session);
        // By turns only checks, an ending in the moments before it learns, and what comes before it gives up what is elsewhere: it learned when
        // the others had settled, or so soon that they settle then.
        var turn = _random.Next(4);
        var (isTelling, givesUp, isSoon) = (turn == 0, turn > 1, turn == 3);
        var lag = TimeSpan.FromMilliseconds(isSoon ? _random.Next(3500, 5000) : turn == 1 && _random.Next(2) == 0 ? _random.Next(1000, 9000) : _random.Next(12_000, 17_000));
        var learns = _time.Elapsed + lag;
        var decisive = isSoon ? _time.Elapsed + TimeSpan.FromSeconds(6) : learns;
        _cluster.ChangeUnheard(lagging, lag);
        // So that no activation is young when the lagging member learns.
        foreach (var node in _cluster.Nodes)
        {
            _ = Quietly(() => node.Silo.User(ScriptUser).Describe());
            _ = Quietly(() => node.Silo.Session(session).Describe());
        }

        _addressPeriod = TimeSpan.FromMilliseconds(givesUp && _random.Next(2) == 0 ? _random.Next(500, 4900) : 1);
        var steps = new List<Task>();
        if (turn == 1 && _random.Next(2) == 0)
        {
            steps.Add(AskUntil(_cluster.AnyMachine(), session, learns + TimeSpan.FromSeconds(5)));
        }

        foreach (var node in _cluster.Nodes)
        {
            steps.Add(givesUp ? At(1000, 2500, () => AskUntil(node, session, decisive + TimeSpan.FromMilliseconds(5500)))
                : isTelling ? At(-4500, -1200, () => ValidateAt(node, session))
                : At(-4000, 2000, () => _random.Next(2) == 0 ? ValidateAt(node, session) : SetData(session, node)));
        }

        steps.Add(givesUp ? At(isSoon ? 4000 : 2000, 4900, End) : isTelling ? At(-1200, 0, End) : At(-4000, 2000, End));
        await Task.WhenAll(steps);
        _addressPeriod = TimeSpan.FromHours(1);
        await Task.WhenAll(_cluster.Machines.Select(machine => AskUntil(machine, session, _time.Elapsed + TimeSpan.FromSeconds(8))));

        Task End() => EndAll("end", _cluster.AnyNode());

        async Task At(int earliest, int latest, Func<Task> step)
        {
            var rest = decisive - _time.Elapsed + TimeSpan.FromMilliseconds(_random.Next(earliest, latest));
            await Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, _time);
            await step();
        }
    }

    private async Task RunGivenUp()
    {
        await Login(ScriptUser, "login", terminate: false);
        var session = _sessions[0];
        var home = _cluster.HomeOf(GrainId.Create("user", ScriptUser.GrainKey), _cluster.Nodes[0]);
        var other = _cluster.Nodes.First(n => n != home);
        await ValidateAt(other, session);
        await Task.Delay(TimeSpan.FromSeconds(11), _time);
        // By turns it learns soon, and only when the others have settled; the ending comes while it may go on with what is elsewhere.
        var lag = _random.Next(2) == 0 ? _random.Next(1000) : _random.Next(15_000, 20_000);
        _cluster.ChangeUnheard(home, TimeSpan.FromMilliseconds(lag));
        var asking = Task.WhenAll(_cluster.Nodes.Select(node => AskUntil(node, session, _time.Elapsed + TimeSpan.FromMilliseconds(lag + 25_000))));
        await Task.Delay(TimeSpan.FromMilliseconds(lag), _time);
        await Wait(1500);
        await EndAll("end", _random.Next(2) == 0 ? home : _cluster.AnyNode());
        await asking;
    }

    private async Task RunSleeping()
    {
        _addressPeriod = _random.Next(2) == 0 ? TimeSpan.FromMilliseconds(_random.Next(500, 4900)) : TimeSpan.FromHours(1);
        await Login(ScriptUser, "login", terminate: false);
        var session = _sessions[0];
        var home = HomeOfOne(session);
        SimMachine sleeping = _random.Next(2) == 0 ? home : _cluster.Fronts[0];
        await ValidateAt(sleeping, session);
        if (_random.Next(2) == 0)
        {
            // Its activations are no longer young, and read nothing again by themselves.
            await Task.Delay(TimeSpan.FromSeconds(11), _time);
            await ValidateAt(sleeping, session);
        }

        await Wait(4000);
        Sleep(sleeping);
        if (sleeping == home && _random.Next(2) == 0)
        {
            _seen.Note(_loop, $"{home.Name} is evicted");
            _cluster.Evict(home, Lingers, TimeSpan.Zero);
            await Wait(1000);
        }

        await EndAll("end", _cluster.Nodes.First(n => n != sleeping));
        await AskUntil(sleeping, session, _time.Elapsed + TimeSpan.FromSeconds(25));
    }
}
