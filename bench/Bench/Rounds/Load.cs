using System.Diagnostics;

namespace SessionCluster.Bench.Rounds;

/// <summary>Callers that each do one thing after the other until the time is over.</summary>
internal static class Load
{
    /// <summary>So many callers, unless a comparison says otherwise.</summary>
    public const int Callers = 64;

    /// <summary>Runs the callers; how many things a second they did, and how long 99 of 100 took at most.</summary>
    public static async Task<Sample> Run(TimeSpan length, Func<int, Task> work, int callers = Callers)
    {
        var start = Stopwatch.GetTimestamp();
        var times = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var taken = new List<double>();
            while (Stopwatch.GetElapsedTime(start) < length)
            {
                var since = Stopwatch.GetTimestamp();
                await work(caller);
                taken.Add(Stopwatch.GetElapsedTime(since).TotalMicroseconds);
            }

            return taken;
        })));
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var all = times.SelectMany(taken => taken).Order().ToArray();
        return new Sample(all.Length / seconds, all[(int)(all.Length * 0.99)]);
    }
}
