namespace SessionCluster.Api.UserAgents;

/// <summary>
/// Reads User-Agent headers: the families that matter, by plain scanning in time linear in the length of the text. Answers are
/// kept in a fixed number of slots, so that a list does not read the same text again and again. Safe for concurrent use.
/// </summary>
public sealed class UserAgentParser
{
    /// <summary>How much of a text is read, in UTF-16 code units; the rest is ignored.</summary>
    public const int MaxLength = 2048;

    private const int Slots = 1024;

    // A slot is replaced whole; string hashes are seeded per process, so nobody can aim at one slot.
    private readonly ParsedUserAgent?[] _kept = new ParsedUserAgent?[Slots];

    /// <summary>Reads a header; null counts as empty.</summary>
    public ParsedUserAgent Parse(string? text)
    {
        text ??= "";
        if (text.Length > MaxLength)
        {
            return Read(text);
        }

        ref var slot = ref _kept[(uint)text.GetHashCode(StringComparison.Ordinal) % Slots];
        var kept = Volatile.Read(ref slot);
        if (kept is not null && string.Equals(kept.Text, text, StringComparison.Ordinal))
        {
            return kept;
        }

        var read = Read(text);
        Volatile.Write(ref slot, read);
        return read;
    }

    private static ParsedUserAgent Read(string text)
    {
        var scan = text.AsSpan(0, Math.Min(text.Length, MaxLength));
        return new ParsedUserAgent(Devices.Read(scan), OperatingSystems.Read(scan), Browsers.Read(scan), text);
    }
}
