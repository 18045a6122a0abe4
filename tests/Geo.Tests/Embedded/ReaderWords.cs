namespace SessionCluster.Geo.Tests;

/// <summary>What this engine's reader says.</summary>
internal static class ReaderWords
{
    /// <summary>About a file whose metadata ends too early.</summary>
    public const string CutOff = "Broken at byte";
}
