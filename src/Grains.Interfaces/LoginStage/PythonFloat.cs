using System.Globalization;

namespace SessionCluster.LoginStage;

/// <summary>
/// The finite numbers that Python's <c>float()</c> reads, in ASCII: sign, digits with single underscores between them, at most one
/// point with a digit on one of its sides, exponent; white space around it is ignored.
/// </summary>
internal static class PythonFloat
{
    /// <summary>Reads a number; false for other text, for <c>nan</c>, <c>inf</c>, and what overflows to infinity.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out double value)
    {
        value = 0;
        text = text.Trim();
        if (text.Length > DurationParser.MaxLength || !IsNumber(text))
        {
            return false;
        }

        Span<char> plain = stackalloc char[text.Length];
        var length = 0;
        foreach (var letter in text)
        {
            if (letter != '_')
            {
                plain[length++] = letter;
            }
        }

        return double.TryParse(plain[..length], NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
    }

    private static bool IsNumber(ReadOnlySpan<char> text)
    {
        var at = SkipSign(text, 0);
        if (!SkipDigits(text, ref at, out var whole))
        {
            return false;
        }

        var fraction = false;
        if (at < text.Length && text[at] == '.')
        {
            at++;
            if (!SkipDigits(text, ref at, out fraction))
            {
                return false;
            }
        }

        if (!whole && !fraction)
        {
            return false;
        }

        if (at < text.Length && text[at] is 'e' or 'E')
        {
            at = SkipSign(text, at + 1);
            if (!SkipDigits(text, ref at, out var exponent) || !exponent)
            {
                return false;
            }
        }

        return at == text.Length;
    }

    private static int SkipSign(ReadOnlySpan<char> text, int at) => at < text.Length && text[at] is '+' or '-' ? at + 1 : at;

    /// <summary>Skips a run of digits; false when an underscore in it does not stand between two digits.</summary>
    private static bool SkipDigits(ReadOnlySpan<char> text, ref int at, out bool any)
    {
        var start = at;
        while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '_'))
        {
            var between = at > start && at + 1 < text.Length && text[at - 1] != '_' && char.IsAsciiDigit(text[at + 1]);
            if (text[at] == '_' && !between)
            {
                any = false;
                return false;
            }

            at++;
        }

        any = at > start;
        return true;
    }
}
