using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace SessionCluster.Api.Metrics;

/// <summary>What the text format calls the kind of a family.</summary>
internal enum MetricKind
{
    Counter,

    Gauge,

    Histogram,
}

/// <summary>All series of one instrument.</summary>
internal sealed class MetricFamily
{
    /// <summary>Most sets of labels of one instrument: what a careless tag could fill the memory with is dropped, and counted.</summary>
    public const int MostSeries = 1000;

    private static readonly double[] UsualBounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    private readonly ConcurrentDictionary<KeyValuePair<string, object?>[], MetricSeries> _series = new(TagSets.Comparer);

    private readonly ConcurrentDictionary<KeyValuePair<string, object?>[], MetricSeries>.AlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>> _find;

    private readonly bool _isAbsolute;

    private long _dropped;

    private MetricFamily(Instrument instrument, MetricKind kind, bool isAbsolute, double[] bounds)
    {
        (Kind, _isAbsolute, Bounds) = (kind, isAbsolute, bounds);
        Name = PrometheusText.Name(instrument.Name, instrument.Unit, kind);
        Help = instrument.Description ?? instrument.Name;
        _find = _series.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
    }

    public string Name { get; }

    public string Help { get; }

    public MetricKind Kind { get; }

    /// <summary>Upper bounds of a histogram's buckets, without infinity.</summary>
    public double[] Bounds { get; }

    /// <summary>Measurements that were dropped because there were too many sets of labels.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    public IEnumerable<MetricSeries> Series => _series.Values.OrderBy(s => s.Labels, StringComparer.Ordinal);

    /// <summary>The family of an instrument; null for a kind of instrument that this program does not know.</summary>
    public static MetricFamily? Of(Instrument instrument)
    {
        var type = instrument.GetType();
        var kind = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        return kind switch
        {
            _ when kind == typeof(Counter<>) => new(instrument, MetricKind.Counter, false, []),
            _ when kind == typeof(ObservableCounter<>) => new(instrument, MetricKind.Counter, true, []),
            _ when kind == typeof(UpDownCounter<>) => new(instrument, MetricKind.Gauge, false, []),
            _ when kind == typeof(ObservableUpDownCounter<>) || kind == typeof(ObservableGauge<>) || kind == typeof(Gauge<>) =>
                new(instrument, MetricKind.Gauge, true, []),
            _ when kind == typeof(Histogram<>) => new(instrument, MetricKind.Histogram, false, BoundsOf(instrument)),
            _ => null,
        };
    }

    /// <summary>Takes a measurement.</summary>
    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (!_find.TryGetValue(tags, out var series) && (series = Add(tags)) is null)
        {
            Interlocked.Increment(ref _dropped);
        }
        else if (Kind == MetricKind.Histogram)
        {
            series.Observe(value, Bounds);
        }
        else if (_isAbsolute)
        {
            series.Set(value);
        }
        else
        {
            series.Add(value);
        }
    }

    private MetricSeries? Add(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (_series.Count >= MostSeries)
        {
            return null;
        }

        _find.TryAdd(tags, new MetricSeries(PrometheusText.Labels(tags), Kind == MetricKind.Histogram ? Bounds.Length + 1 : 0));
        return _find[tags];
    }

    private static double[] BoundsOf(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } advised } => [.. advised],
        Histogram<long> { Advice.HistogramBucketBoundaries: { } advised } => [.. advised.Select(b => (double)b)],
        Histogram<int> { Advice.HistogramBucketBoundaries: { } advised } => [.. advised.Select(b => (double)b)],
        _ => UsualBounds,
    };
}
