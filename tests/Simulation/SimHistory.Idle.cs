using SessionCluster.LoginStage;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Simulation;

/// <summary>Sessions that end because nobody uses them.</summary>
internal sealed partial class SimHistory
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(3);

    /// <summary>As the sweeper of a silo does it, from any node.</summary>
    private async Task Sweep()
    {
        while (true)
        {
            await Task.Delay(SweepInterval, _time);
            var now = _time.GetUtcNow();
            foreach (var due in _cluster.Storage.Rows.Where(r => now >= r.Expires || now >= r.LastUsed + TimeSpan.FromMicroseconds(r.IdleMicros)).ToArray())
            {
                var (silo, id) = (_cluster.AnyNode().Silo, new SessionId(due.Id));
                try
                {
                    await (now >= due.Expires
                        ? new CommitThenTell(silo).End(new UserId(due.UserPk), new EndCommand([id], EndReason.Expired))
                        : (Task)silo.Session(id).EndIfIdle());
                }
                catch (Exception exception) when (exception is not NullReferenceException)
                {
                    _seen.Note(_loop, $"the sweep of {due.Id} failed: {exception.Message}");
                }
            }
        }
    }

    private void Committed(LedgerV1 change)
    {
        var idle = Duration.Load(_plan.Idle).Value;
        var lost = _cluster.LastLoss > _cluster.Storage.LastFault ? _cluster.LastLoss : _cluster.Storage.LastFault ?? _cluster.LastLoss;
        foreach (var ended in change.Ended.Where(e => e.Reason == EndReason.Idle))
        {
            if (_seen.Uses.Fault(new SessionId(ended.Id), _time.Elapsed, idle, lost) is { } fault)
            {
                _seen.Violate(_loop, fault);
            }
        }
    }
}
