namespace SessionCluster.Simulation;

/// <summary>Runs histories on all cores, each from its start to its end on one thread, and finds the first one that fails.</summary>
internal static class SimSearch
{
    /// <summary>The failing history of the lowest number, whichever thread is faster; null when all keep the promises.</summary>
    public static SimHistory? FirstFailing(int count, Func<int, SimPlan> plan)
    {
        var gate = new Lock();
        var (next, first) = (-1, count);
        SimHistory? found = null;
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(RunSome)).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        return found;

        void RunSome()
        {
            for (int i; (i = Interlocked.Increment(ref next)) < Volatile.Read(ref first);)
            {
                var history = SimHistory.Run(plan(i));
                lock (gate)
                {
                    if (history.Failure is not null && i < first)
                    {
                        (first, found) = (i, history);
                    }
                }
            }
        }
    }
}
