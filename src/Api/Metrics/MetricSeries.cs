namespace SessionCluster.Api.Metrics;

/// <summary>
/// One line of a family: the values of one set of labels. Adding takes no lock, and processors that add at the same time do so in
/// different cache lines: every check counts.
/// </summary>
internal sealed class MetricSeries(string labels, int buckets)
{
    /// <summary>Values in a cache line, and in the one beside it, which processors fetch along.</summary>
    private const int Stride = 16;

    private static readonly int Stripes = Math.Min(Environment.ProcessorCount, 32);

    private readonly long[] _buckets = new long[buckets];

    private readonly double[] _sums = new double[Stripes * Stride];

    private double _set;

    /// <summary>The labels as the text format has them, without braces; empty for none.</summary>
    public string Labels { get; } = labels;

    /// <summary>The sum of what was added, or what was set last.</summary>
    public double Value
    {
        get
        {
            var sum = Volatile.Read(ref _set);
            for (var stripe = 0; stripe < Stripes; stripe++)
            {
                sum += Volatile.Read(ref _sums[stripe * Stride]);
            }

            return sum;
        }
    }

    public long Bucket(int index) => Volatile.Read(ref _buckets[index]);

    public void Set(double value) => Volatile.Write(ref _set, value);

    public void Add(double value)
    {
        ref var sum = ref _sums[(uint)Thread.GetCurrentProcessorId() % (uint)Stripes * Stride];
        var seen = Volatile.Read(ref sum);
        while (true)
        {
            var before = Interlocked.CompareExchange(ref sum, seen + value, seen);
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
