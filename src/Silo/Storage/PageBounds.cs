namespace SessionCluster.Silo.Storage;

/// <summary>The bounds of a page, held to what the contracts allow.</summary>
internal static class PageBounds
{
    /// <summary>Most rows of a page.</summary>
    public const int Largest = 100;

    /// <summary>Most rows of one sweep or one pruning.</summary>
    public const int LargestBatch = 10_000;

    public static int Limit(int limit) => Math.Clamp(limit, 1, Largest);

    public static int Batch(int limit) => Math.Clamp(limit, 1, LargestBatch);

    public static long Offset(int offset) => Math.Max(offset, 0);
}
