using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace SessionCluster.LoginStage;

/// <summary>
/// Reads authentik's timedelta syntax (docs/login-stage.md). Pairs of key and number, separated by <c>;</c> or <c>,</c>; white space
/// around every part is ignored; the last of duplicate keys counts.
/// </summary>
public static class DurationParser
{
    /// <summary>The longest text that is read, in UTF-16 code units.</summary>
    public const int MaxLength = 512;

    /// <summary>The most whole days of a duration, which is Python's bound.</summary>
    public const int MaxDays = 999_999_999;

    /// <summary>The keys of the syntax, shortest unit first: the order in which Python adds the units up.</summary>
    private static readonly string[] Keys = ["microseconds", "milliseconds", "seconds", "minutes", "hours", "days", "weeks"];

    private static readonly long[] Micros =
        [1, 1_000, 1_000_000, 60_000_000, 3_600_000_000, 86_400_000_000, 604_800_000_000];

    /// <summary>Reads a duration.</summary>
    /// <param name="text">The text.</param>
    /// <param name="duration">The duration, with its text verbatim.</param>
    /// <param name="error">What is wrong, naming the value and the form; null when nothing is.</param>
    public static bool TryParse(string? text, out Duration duration, [NotNullWhen(false)] out string? error)
    {
        duration = default;
        text ??= "";
        error = Unreadable(text);
        if (error is not null)
        {
            return false;
        }

        var amounts = new double?[Keys.Length];
        error = ReadPairs(text, amounts);
        if (error is not null)
        {
            return false;
        }

        var micros = Sum(amounts);
        error = OutOfRange(text, micros);
        if (error is not null)
        {
            return false;
        }

        duration = new Duration(text, ToTimeSpan(micros));
        return true;
    }

    private static string? Unreadable(string text)
    {
        if (text.Length > MaxLength)
        {
            return $"A duration has at most {MaxLength} characters.";
        }

        return text.Contains('\0', StringComparison.Ordinal) ? "A duration must not contain U+0000." : null;
    }

    private static string? ReadPairs(string text, double?[] amounts)
    {
        var rest = text.AsSpan();
        while (true)
        {
            var end = rest.IndexOfAny(';', ',');
            var error = ReadPair(text, end < 0 ? rest : rest[..end], amounts);
            if (error is not null || end < 0)
            {
                return error;
            }

            rest = rest[(end + 1)..];
        }
    }

    private static string? ReadPair(string text, ReadOnlySpan<char> pair, double?[] amounts)
    {
        var equals = pair.IndexOf('=');
        if (equals < 0 || pair[(equals + 1)..].Contains('='))
        {
            return Malformed(text);
        }

        var key = pair[..equals].Trim();
        if (key.IsEmpty || !PythonFloat.TryParse(pair[(equals + 1)..], out var amount))
        {
            return Malformed(text);
        }

        var unit = IndexOfKey(key);
        if (unit < 0)
        {
            return $"{Malformed(text)} There is no key '{key}'; the keys are {string.Join(", ", Keys)}.";
        }

        amounts[unit] = amount;
        return null;
    }

    private static int IndexOfKey(ReadOnlySpan<char> key)
    {
        for (var index = 0; index < Keys.Length; index++)
        {
            if (key.Equals(Keys[index], StringComparison.OrdinalIgnoreCase))
            {
                return index;
            }
        }

        return -1;
    }

    /// <summary>
    /// Adds up as Python's timedelta does: whole parts exactly, the fractions of microseconds that remain as floats, and in the
    /// end one rounding of these, half to even of the whole sum.
    /// </summary>
    private static BigInteger Sum(double?[] amounts)
    {
        var sum = BigInteger.Zero;
        var left = 0.0;
        for (var unit = 0; unit < amounts.Length; unit++)
        {
            if (amounts[unit] is not { } amount)
            {
                continue;
            }

            var whole = Math.Truncate(amount);
            var part = (amount - whole) * Micros[unit];
            var wholePart = Math.Truncate(part);
            sum += (new BigInteger(whole) * Micros[unit]) + new BigInteger(wholePart);
            left += part - wholePart;
        }

        return sum + new BigInteger(Round(left, odd: sum.IsEven ? 0 : 1));
    }

    private static double Round(double left, int odd)
    {
        var nearest = Math.Round(left, MidpointRounding.AwayFromZero);
        var halfway = Math.Abs(nearest - left) == 0.5;
        return halfway ? (2.0 * Math.Round((left + odd) * 0.5, MidpointRounding.AwayFromZero)) - odd : nearest;
    }

    private static string? OutOfRange(string text, BigInteger micros)
    {
        if (micros.Sign < 0)
        {
            return $"{Malformed(text)} The total is negative.";
        }

        var microsPerDay = new BigInteger(TimeSpan.TicksPerDay / TimeSpan.TicksPerMicrosecond);
        return micros / microsPerDay > MaxDays ? $"{Malformed(text)} The total is over 999,999,999 days." : null;
    }

    private static TimeSpan ToTimeSpan(BigInteger micros)
    {
        var ticks = micros * TimeSpan.TicksPerMicrosecond;
        return ticks > long.MaxValue ? TimeSpan.MaxValue : new TimeSpan((long)ticks);
    }

    private static string Malformed(string text) => $"{text} is not in the correct format of 'hours=3;minutes=1'.";
}
