namespace SessionCluster.Api.Metrics;

/// <summary>One line of a family: the values of one set of labels. Adding takes no lock.</summary>
internal sealed class MetricSeries(string labels, int buckets)
{
    private readonly long[] _buckets = new long[buckets];

    private double _value;

    /// <summary>The labels as the text format has them, without braces; empty for none.</summary>
    public string Labels { get; } = labels;

    /// <summary>The sum of what was added, or what was set last.</summary>
    public double Value => Volatile.Read(ref _value);

    public long Bucket(int index) => Volatile.Read(ref _buckets[index]);

    public void Set(double value) => Volatile.Write(ref _value, value);

    public void Add(double value)
    {
        var seen = Volatile.Read(ref _value);
        while (true)
        {
            var before = Interlocked.CompareExchange(ref _value, seen + value, seen);
            if (BitConverter.DoubleToInt64Bits(before) == BitConverter.DoubleToInt64Bits(seen))
            {
                return;
            }

            seen = before;
        }
    }

    /// <summary>Counts a value in the first bucket whose bound is not below it.</summary>
    public void Observe(double value, double[] bounds)
    {
        var index = Array.BinarySearch(bounds, value);
        Interlocked.Increment(ref _buckets[index >= 0 ? index : ~index]);
        Add(value);
    }
}
