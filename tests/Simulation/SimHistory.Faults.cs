using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Simulation;

/// <summary>What breaks during a history.</summary>
internal sealed partial class SimHistory
{
    private void MaybeBreakSomething()
    {
        _cluster.Storage.FaultRate = !_plan.OnlyEvictions && _random.NextDouble() < _plan.Faults ? 0.4 : 0;
        if (_random.NextDouble() >= _plan.Faults)
        {
            return;
        }

        var node = _cluster.AnyNode();
        switch (_plan.OnlyEvictions ? 5 : _random.Next(_plan.Nodes > 1 ? 6 : 4))
        {
            case 0:
                _seen.Note(_loop, $"node {node.Index} crashes");
                _cluster.CrashNode(node);
                break;
            case 1 when AnySession() is { } session:
                _cluster.CrashActivation(new GrainId("session", session.GrainKey));
                break;
            case 2:
                _cluster.CrashActivation(new GrainId("user", new UserId($"user{_random.Next(_plan.Users)}").GrainKey));
                break;
            case 3:
                _seen.Note(_loop, $"node {node.Index} stalls");
                node.Stall();
                _time.After(TimeSpan.FromMilliseconds(_random.Next(1, 9000)), node.Resume);
                break;
            case 4:
                _seen.Note(_loop, $"node {node.Index} is cut off");
                node.IsCutOff = true;
                _time.After(TimeSpan.FromMilliseconds(_random.Next(1, 20_000)), () => node.IsCutOff = false);
                break;
            case 5:
                node.IsCutOff = !_plan.OnlyEvictions && _random.Next(2) == 0;
                _seen.Note(_loop, $"node {node.Index} is evicted{(node.IsCutOff ? " and cut off" : "")}");
                _cluster.Evict(node, (_random.Next(3) == 0 ? SimCluster.LongestLinger : SimCluster.LongestLag) * _random.NextDouble(), SimCluster.LongestLag);
                break;
        }
    }
}
