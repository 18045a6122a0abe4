using System.Text;

namespace SessionCluster.Sessions;

/// <summary>
/// One object for equal texts: memory is mostly texts, and many are the same. Each kind has a fixed number of slots, so that
/// whoever sends ever new texts gains nothing. Safe for concurrent use.
/// </summary>
public sealed class SharedTexts
{
    /// <summary>Few texts that many sessions have in common: user agents, ways of login.</summary>
    public static readonly SharedTexts Common = new();

    /// <summary>
    /// Texts of one user: its names and addresses. A session's grain and its user's are mostly loaded one right after the other, so
    /// the slots need not keep a text for long.
    /// </summary>
    public static readonly SharedTexts OfUsers = new();

    /// <summary>How many texts of a kind are kept at most.</summary>
    public const int Slots = 4096;

    /// <summary>A longer text is not kept, in UTF-16 characters.</summary>
    public const int MaxLength = 512;

    private readonly string?[] _kept = new string?[Slots];

    private SharedTexts()
    {
    }

    /// <summary>A text equal to this one.</summary>
    public string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length is 0 or > MaxLength ? text : Find(text, text);
    }

    /// <summary>The text that these bytes, which are UTF-8, stand for.</summary>
    public string Of(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length is 0 or > MaxLength)
        {
            return Encoding.UTF8.GetString(utf8);
        }

        Span<char> text = stackalloc char[utf8.Length];
        return Find(text[..Encoding.UTF8.GetChars(utf8, text)], null);
    }

    // A slot is replaced whole; string hashes are seeded per process, so nobody can aim at one slot.
    private string Find(ReadOnlySpan<char> text, string? same)
    {
        ref var slot = ref _kept[(uint)string.GetHashCode(text) % Slots];
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
