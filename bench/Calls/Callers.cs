using System.Diagnostics;

namespace SessionCluster.Calls;

/// <summary>Callers that each call a grain of their own, one call after the other.</summary>
internal static class Callers
{
    public const int Count = 64;

    // A call can be answered without a wait: then a caller lets the others go on now and then.
    private const int InARow = 256;

    /// <summary>Calls for so long; the number of calls a second.</summary>
    public static async Task<double> Run(Func<int, Task> call, TimeSpan length)
    {
        var start = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, Count).Select(caller => Task.Run(() => Loop(call, caller, start, length))));
        return counts.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<long> Loop(Func<int, Task> call, int caller, long start, TimeSpan length)
    {
        var made = 0L;
        while (Stopwatch.GetElapsedTime(start) < length)
        {
            for (var i = 0; i < InARow; i++)
            {
                await call(caller);
            }

            made += InARow;
            await Task.Yield();
        }

        return made;
    }
}
