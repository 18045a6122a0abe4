namespace SessionCluster;

/// <summary>
/// A count that every check adds to. Adding takes no lock, and processors that add at the same time do so in different cache lines.
/// </summary>
internal sealed class StripedCount
{
    /// <summary>Values in a cache line, and in the one beside it, which processors fetch along.</summary>
    private const int Stride = 16;

    private static readonly int Stripes = Math.Min(Environment.ProcessorCount, 32);

    private readonly long[] _counts = new long[Stripes * Stride];

    public long Value
    {
        get
        {
            var sum = 0L;
            for (var stripe = 0; stripe < Stripes; stripe++)
            {
                sum += Volatile.Read(ref _counts[stripe * Stride]);
            }

            return sum;
        }
    }

    public void Increment() =>
        Interlocked.Increment(ref _counts[(uint)Thread.GetCurrentProcessorId() % (uint)Stripes * Stride]);
}
