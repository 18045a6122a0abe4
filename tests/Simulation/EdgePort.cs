using System.Text;
using SessionCluster.Api.Answers;
using SessionCluster.Api.Edge;
using SessionCluster.Sessions;

namespace SessionCluster.Simulation;

/// <summary>Uses the edge as the endpoints do it. Compiled a second time with each mutant.</summary>
internal sealed class EdgePort(IGrainFactory grains, TimeProvider time, Guid id) : IEdgePort
{
    private readonly EdgeSessions _edge = new(grains, time, mostSessions: 1000, id);

    public async Task<EdgeSeen> Check(SessionId session, ClientFacts client)
    {
        if (_edge.Find(session, client.Ip) is { Validate: { } known })
        {
            var data = new byte[known.Length];
            known.CopyTo(data);
            return new EdgeSeen(SessionStatus.Active, Encoding.UTF8.GetString(data), BrokenFrom: null, FromMemory: true);
        }

        var check = await _edge.Ask(session, client, static (live, _) => new ReadyAnswers(default, new ReadyJson(Encoding.UTF8.GetBytes(live.DataJson ?? ""), [])));
        return new EdgeSeen(check.Result.Status, check.Result.Session?.DataJson ?? "", check.Result.Binding?.NewIp, FromMemory: false);
    }

    public void Dispose() => _edge.Dispose();
}
