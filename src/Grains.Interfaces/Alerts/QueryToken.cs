namespace SessionCluster.Alerts;

/// <summary>The kinds of words of a query.</summary>
internal enum QueryTokenKind
{
    Word,
    Symbol,
    Text,
    Number,
    End,
}

/// <summary>A word of a query.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Text">Its text; of a text in quotes what it says.</param>
/// <param name="Place">The character that it begins at, from 1.</param>
internal readonly record struct QueryToken(QueryTokenKind Kind, string Text, int Place)
{
    private static readonly string[] Symbols = ["!=", ">=", "<=", "!~", "=", ">", "<", "~", "(", ")", "[", "]", ","];

    /// <summary>The words of a query; the last says where it ends.</summary>
    /// <exception cref="QueryFault">A word is not one of the language.</exception>
    public static List<QueryToken> Read(string text)
    {
        var tokens = new List<QueryToken>();
        for (var at = 0; ;)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
            {
                at++;
            }

            if (at == text.Length)
            {
                tokens.Add(new QueryToken(QueryTokenKind.End, "", at + 1));
                return tokens;
            }

            var (token, length) = ReadOne(text, at);
            tokens.Add(token);
            at += length;
        }
    }

    private static (QueryToken Token, int Length) ReadOne(string text, int at)
    {
        if (text[at] is '"' or '\'')
        {
            return ReadText(text, at);
        }

        if (Array.Find(Symbols, symbol => string.CompareOrdinal(text, at, symbol, 0, symbol.Length) == 0) is { } found)
        {
            return (new QueryToken(QueryTokenKind.Symbol, found, at + 1), found.Length);
        }

        var end = at + (text[at] == '-' ? 1 : 0);
        while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] is '_' or '.' or '-' && end > at))
        {
            end++;
        }

        var word = text[at..end];
        if (word.Length > 0 && (char.IsAsciiDigit(word[0]) || word[0] == '-'))
        {
            return double.TryParse(word, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out _)
                ? (new QueryToken(QueryTokenKind.Number, word, at + 1), word.Length)
                : throw new QueryFault(at + 1, $"{word} is not a number; a text stands in quotes");
        }

        return word.Length > 0
            ? (new QueryToken(QueryTokenKind.Word, word, at + 1), word.Length)
            : throw new QueryFault(at + 1, $"the character {CharacterAt(text, at)} has no meaning here");
    }

    private static (QueryToken Token, int Length) ReadText(string text, int at)
    {
        var content = new StringBuilder();
        for (var i = at + 1; i < text.Length; i++)
        {
            if (text[i] == text[at])
            {
                return (new QueryToken(QueryTokenKind.Text, content.ToString(), at + 1), i + 1 - at);
            }

            if (text[i] != '\\')
            {
                content.Append(text[i]);
            }
            else if (++i < text.Length)
            {
                content.Append(Escaped(text, i));
                i += text[i] == 'u' ? 4 : 0;
            }
        }

        throw new QueryFault(at + 1, "the text that begins here has no end");
    }

    private static string CharacterAt(string text, int at) => Rune.TryGetRuneAt(text, at, out var rune) ? rune.ToString() : text[at].ToString();

    private static char Escaped(string text, int at) => text[at] switch
    {
        '"' or '\'' or '\\' or '/' => text[at],
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'u' when at + 4 < text.Length && ushort.TryParse(text.AsSpan(at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) => (char)code,
        _ => throw new QueryFault(at, $"\\{CharacterAt(text, at)} has no meaning; there are \\\" \\' \\\\ \\/ \\n \\r \\t \\u00e9"),
    };
}

/// <summary>Something is wrong with a query.</summary>
internal sealed class QueryFault(int place, string fault) : Exception($"At character {place}: {fault}.");
