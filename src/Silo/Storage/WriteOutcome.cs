using System.Globalization;

namespace SessionCluster.Silo.Storage;

/// <summary>How a conditional write went.</summary>
/// <param name="Written">False: the row is at another version, and nothing was changed.</param>
/// <param name="Version">The version of the row now; null when there is none.</param>
internal readonly record struct WriteOutcome(bool Written, long? Version)
{
    /// <summary>The version that an etag names; null for the etag of a missing row.</summary>
    /// <exception cref="ArgumentException">The text was not made by <see cref="ToEtag"/>.</exception>
    public static long? FromEtag(string? etag)
    {
        if (etag is null)
        {
            return null;
        }

        return long.TryParse(etag, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : throw new ArgumentException("Not an etag of this storage.", nameof(etag));
    }

    public static string? ToEtag(long? version) => version?.ToString(CultureInfo.InvariantCulture);
}
