namespace SessionCluster.Silo.Storage;

/// <summary>The bounds of a page, held to what the contracts allow.</summary>
internal static class PageBounds
{
    /// <summary>Most rows of a page.</summary>
    public const int Largest = 100;

    public static int Limit(int limit) => Math.Clamp(limit, 1, Largest);

    public static long Offset(int offset) => Math.Max(offset, 0);
}
