using System.Diagnostics.CodeAnalysis;

namespace SessionCluster.LoginStage;

/// <summary>Reads authentik's timedelta syntax; spec section 2.</summary>
public static class DurationParser
{
    /// <summary>Reads a duration.</summary>
    /// <param name="text">The text.</param>
    /// <param name="duration">The duration, with its text verbatim.</param>
    /// <param name="error">What is wrong, naming the value and the form; null when nothing is.</param>
    public static bool TryParse(string? text, out Duration duration, [NotNullWhen(false)] out string? error)
        => throw new FormatException(text);
}
