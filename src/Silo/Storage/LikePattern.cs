namespace SessionCluster.Silo.Storage;

/// <summary>Patterns of the operators that find a text and ignore ASCII case; the escape character is the backslash.</summary>
internal static class LikePattern
{
    /// <summary>Longest text that is searched for, in UTF-16 characters; of a longer one only this much counts.</summary>
    public const int Longest = 4096;

    /// <summary>The pattern of texts that contain this one, its wildcards meaning themselves.</summary>
    public static string Containing(string text)
    {
        var counted = text.Length > Longest ? text[..Longest] : text;
        var escaped = counted
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("%", "\\%", StringComparison.Ordinal)
            .Replace("_", "\\_", StringComparison.Ordinal);
        return $"%{escaped}%";
    }
}
