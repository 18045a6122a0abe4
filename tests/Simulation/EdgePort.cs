using System.Text;
using SessionCluster.Api.Answers;
using SessionCluster.Api.Edge;
using SessionCluster.Sessions;

namespace SessionCluster.Simulation;

/// <summary>Uses the edge as the endpoints do it. Compiled a second time with each mutant.</summary>
internal sealed class EdgePort(IGrainFactory grains, TimeProvider time, Guid id) : IEdgePort
{
    private readonly EdgeSessions _edge = new(grains, time, mostSessions: 1000, id);

    public OwnEdge Own => _edge.Own;

    public async Task<EdgeSeen> Check(SessionId session, ClientFacts client)
    {
        if (_edge.Find(session, client.Ip, out var isDue) is { Validate: { } known })
        {
            if (isDue)
            {
                _ = _edge.Renew(session, client, Make);
            }

            var data = new byte[known.Length];
            known.CopyTo(data);
            return new EdgeSeen(SessionStatus.Active, Encoding.UTF8.GetString(data), BrokenFrom: null, FromMemory: true);
        }

        var result = (await _edge.Ask(session, client, Make)).Result!;
        return new EdgeSeen(result.Status, result.Session?.DataJson ?? "", result.Binding?.NewIp, FromMemory: false);
    }

    private static ReadyAnswers Make(SessionInfo live, ReadyAnswers? before) =>
        new(default, new ReadyJson(Encoding.UTF8.GetBytes(live.DataJson ?? ""), []));

    public void Dispose() => _edge.Dispose();
}
