using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace SessionCluster.Alerts;

/// <summary>
/// For how long the oldest notification waits that could not be delivered yet: a meter, by the mode of its transport. Each grain shows its
/// own; a mode is as late as its latest transport in this process, and 0 while nothing waits.
/// </summary>
internal static class AlertLag
{
    private static readonly ConcurrentDictionary<object, (TransportMode Mode, DateTimeOffset Since, TimeProvider Time)> Waiting = new();

    public static void Show(object grain, TransportMode? mode, ImmutableArray<Delivery> waiting, TimeProvider time)
    {
        if (mode is { } known && !waiting.IsEmpty)
        {
            Waiting[grain] = (known, waiting.Min(delivery => delivery.First), time);
        }
        else
        {
            Forget(grain);
        }
    }

    /// <summary>Another process may have the grain from now on.</summary>
    public static void Forget(object grain) => Waiting.TryRemove(grain, out _);

    /// <summary>The lag of a mode, in seconds.</summary>
    public static double Of(TransportMode mode) =>
        Waiting.Values.Where(waiting => waiting.Mode == mode).Select(waiting => (waiting.Time.GetUtcNow() - waiting.Since).TotalSeconds).Append(0).Max();

    public static IEnumerable<Measurement<double>> Measure(Func<TransportMode, KeyValuePair<string, object?>> tag) =>
        Enum.GetValues<TransportMode>().Select(mode => new Measurement<double>(Of(mode), tag(mode)));
}
