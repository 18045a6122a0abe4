namespace SessionCluster.Embedded;

/// <summary>
/// Ends activations that are idle for their class' age, and those longest idle when there are too many. It reads copies of
/// the tables; one sweep runs at a time.
/// </summary>
internal sealed class IdleCollector(GrainEngine engine) : IThreadPoolWorkItem
{
    private int isDue;

    // The number of activations past which the next sweep for space is worth its cost.
    private int threshold = engine.Options.MaxActivations;

    internal void Schedule()
    {
        if (Interlocked.Exchange(ref isDue, 1) == 0)
        {
            engine.Scheduler.Schedule(this);
        }
    }

    /// <summary>Called when an activation was added.</summary>
    internal void Added(int staying)
    {
        if (staying > Volatile.Read(ref threshold))
        {
            Schedule();
        }
    }

    public void Execute()
    {
        CollectByAge();
        MakeRoom();

        // Where all are at work there is nothing to collect; do not look again for each new one.
        var most = engine.Options.MaxActivations;
        Volatile.Write(ref threshold, Math.Max(most, engine.Staying + (engine.Staying > most ? Slack(most) : 0)));
        Volatile.Write(ref isDue, 0);
    }

    private static int Slack(int most) => Math.Max(1, most / 20);

    private void CollectByAge()
    {
        var now = engine.Time.GetTimestamp();
        foreach (var table in engine.Tables)
        {
            var cutoff = now - (long)(table.IdleAge.TotalSeconds * engine.Time.TimestampFrequency);
            var old = table.Activations.All().Where(activation => activation.LastUsed <= cutoff);
            foreach (var activation in old.OrderBy(activation => activation.Number))
            {
                activation.LeaveIfIdle(cutoff);
            }
        }
    }

    private void MakeRoom()
    {
        var most = engine.Options.MaxActivations;
        var excess = engine.Staying - most;
        if (excess <= 0)
        {
            return;
        }

        // A little more than the excess, so that not every new activation needs a sweep. The times are copied: they change
        // while they are sorted.
        excess += Slack(most) - 1;
        var all = engine.Tables.SelectMany(table => table.Activations.All()).Select(one => (one.LastUsed, one.Number, one)).ToList();
        all.Sort(static (a, b) => (a.LastUsed, a.Number).CompareTo((b.LastUsed, b.Number)));
        foreach (var (lastUsed, _, activation) in all)
        {
            if (excess <= 0)
            {
                break;
            }

            excess -= activation.LeaveIfIdle(lastUsed) ? 1 : 0;
        }
    }
}
