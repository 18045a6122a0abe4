using System.Diagnostics;

namespace SessionCluster.Calls;

/// <summary>Callers that each call a grain of their own, one call after the other.</summary>
internal static class Callers
{
    public const int Count = 64;

    /// <summary>Calls for so long; the number of calls a second.</summary>
    public static async Task<double> Run(ITarget target, TimeSpan length)
    {
        var start = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, Count).Select(caller => Task.Run(() => Loop(target, caller, start, length))));
        return counts.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<long> Loop(ITarget target, int caller, long start, TimeSpan length)
    {
        var made = 0L;
        while (Stopwatch.GetElapsedTime(start) < length)
        {
            for (var i = 0; i < target.InARow; i++)
            {
                await target.Call(caller);
            }

            made += target.InARow;
            await Task.Yield();
        }

        return made;
    }
}
