namespace SessionCluster;

/// <summary>Texts that callers gave: as sentences of ours may hold them, and as lists are searched by them.</summary>
public static class CallerText
{
    private const char IsolateBegins = '\u2068';

    private const char IsolateEnds = '\u2069';

    private const int MostWords = 8;

    private static readonly char[] BetweenWords = [' ', '\t', '\r', '\n', ','];

    /// <summary>
    /// The words of a search, each of which must be found somewhere. There are eight at most, so that a search has a bounded cost: the last is
    /// whatever follows the seventh. A text of nothing but blanks and commas is looked for as it is, since without a word all would be found.
    /// </summary>
    public static string[] Words(string search) =>
        search.Trim(BetweenWords).Split(BetweenWords, MostWords, StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } words ? words : [search];

    /// <summary>
    /// A text that turns nothing beside it around: without the characters that set a direction, and, where it has letters that are read from
    /// right to left, set apart by marks that are not seen. Any other text stays as it is.
    /// </summary>
    public static string Isolated(string text)
    {
        var plain = text.Any(SetsDirection) ? string.Concat(text.Where(character => !SetsDirection(character))) : text;
        return plain.Any(IsRightToLeft) ? $"{IsolateBegins}{plain}{IsolateEnds}" : plain;
    }

    // Embeddings and overrides, and isolates: they hold until the one that ends them, if any.
    private static bool SetsDirection(char character) => character is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');

    // The blocks of such scripts, the last two pairs by the first halves of their surrogates, and the mark that counts as such a letter.
    private static bool IsRightToLeft(char character) => character is
        (>= '\u0590' and <= '\u08FF') or '\u200F' or (>= '\uFB1D' and <= '\uFDFF') or (>= '\uFE70' and <= '\uFEFC') or '\uD802' or '\uD803' or '\uD83A' or '\uD83B';
}
