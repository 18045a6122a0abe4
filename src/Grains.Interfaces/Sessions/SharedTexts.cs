namespace SessionCluster.Sessions;

/// <summary>
/// One object for equal user agents: the longest text of a session, and many sessions have the same. The number of slots is fixed, so that
/// whoever sends ever new texts gains nothing. Safe for concurrent use.
/// </summary>
public static class SharedTexts
{
    /// <summary>How many texts are kept at most.</summary>
    public const int Slots = 4096;

    /// <summary>A longer text is not kept, in UTF-16 characters.</summary>
    public const int MaxLength = 512;

    private static readonly string?[] Kept = new string?[Slots];

    /// <summary>A text equal to this one.</summary>
    public static string Of(string text) => text.Length is 0 or > MaxLength ? text : Find(text, text);

    /// <summary>The text that these bytes, which are UTF-8, stand for.</summary>
    public static string Of(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length is 0 or > MaxLength)
        {
            return Encoding.UTF8.GetString(utf8);
        }

        Span<char> text = stackalloc char[utf8.Length];
        return Find(text[..Encoding.UTF8.GetChars(utf8, text)], null);
    }

    // A slot is replaced whole; string hashes are seeded per process, so nobody can aim at one slot.
    private static string Find(ReadOnlySpan<char> text, string? same)
    {
        ref var slot = ref Kept[(uint)string.GetHashCode(text) % Slots];
        var kept = Volatile.Read(ref slot);
        if (kept is not null && text.SequenceEqual(kept))
        {
            return kept;
        }

        same ??= text.ToString();
        Volatile.Write(ref slot, same);
        return same;
    }
}
