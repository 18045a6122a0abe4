namespace SessionCluster.Api.UserAgents;

/// <summary>Plain scanning of a User-Agent text. A method passes over the text once for each part or token that it looks for, whatever the text holds.</summary>
internal static class TextScan
{
    public static bool Has(this ReadOnlySpan<char> text, string part) => text.Contains(part, StringComparison.Ordinal);

    public static bool HasAny(this ReadOnlySpan<char> text, ReadOnlySpan<string> parts)
    {
        foreach (var part in parts)
        {
            if (text.Has(part))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Finds the first <paramref name="token"/> that a version of at least <paramref name="least"/> numbers follows at once.</summary>
    /// <param name="token">The text before the version, such as <c>Chrome/</c>.</param>
    /// <param name="least">Least count of numbers; 0 accepts the bare token.</param>
    public static bool TryFind(this ReadOnlySpan<char> text, string token, int least, out Version4 version, out int start)
    {
        for (start = 0; start <= text.Length; start++)
        {
            var next = text[start..].IndexOf(token, StringComparison.Ordinal);
            if (next < 0)
            {
                break;
            }

            start += next;
            version = Version4.ReadAt(text, start + token.Length);
            if (version.Count >= least)
            {
                return true;
            }
        }

        version = default;
        start = -1;
        return false;
    }

    /// <summary>Finds the first of the tokens, in their order, that a version follows at once.</summary>
    public static bool TryFindAny(this ReadOnlySpan<char> text, ReadOnlySpan<string> tokens, int least, out Version4 version)
    {
        foreach (var token in tokens)
        {
            if (text.TryFind(token, least, out version, out _))
            {
                return true;
            }
        }

        version = default;
        return false;
    }

    public static bool IsNameLetter(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_';
}

/// <summary>Up to four numbers with a point or an underscore between them, as text; those that are missing are null.</summary>
internal readonly record struct Version4(string? Major, string? Minor, string? Patch, string? PatchMinor, int Count, int End)
{
    /// <summary>The version that begins at an index; none when there is no digit.</summary>
    public static Version4 ReadAt(ReadOnlySpan<char> text, int at)
    {
        var parts = new string?[4];
        var count = 0;
        var end = at;
        while (count < parts.Length && TryReadNumber(text, at, out var number))
        {
            parts[count++] = number;
            end = at + number.Length;
            at = end + 1;
            if (end >= text.Length || text[end] is not ('.' or '_'))
            {
                break;
            }
        }

        return new Version4(parts[0], parts[1], parts[2], parts[3], count, end);
    }

    private static bool TryReadNumber(ReadOnlySpan<char> text, int at, out string number)
    {
        var end = at;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        number = end > at ? text[at..end].ToString() : "";
        return end > at;
    }
}
