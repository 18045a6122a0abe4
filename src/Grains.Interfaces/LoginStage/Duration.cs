using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Text.RegularExpressions;

namespace SessionCluster.LoginStage;

/// <summary>A length of time in authentik's timedelta syntax (<c>hours=1,minutes=30</c>; docs/login-stage.md), kept verbatim beside its value.</summary>
/// <param name="Text">The text as it was given.</param>
/// <param name="Value">
/// The length, to the microsecond. Lengths over <see cref="TimeSpan.MaxValue"/> (29,000 years; the syntax allows 999,999,999 days)
/// are held at that: every moment computed from one is capped at 9999-12-31 anyway.
/// </param>
[GenerateSerializer, Immutable, Alias("sc.duration")]
public readonly record struct Duration([property: Id(0)] string Text, [property: Id(1)] TimeSpan Value)
{
    /// <summary>No time at all, <c>seconds=0</c>.</summary>
    public static Duration Zero => new("seconds=0", TimeSpan.Zero);

    /// <summary>Reads a duration from text known to be right: a constant or a stored row.</summary>
    /// <exception cref="FormatException">The text is not a duration.</exception>
    public static Duration Load(string text) =>
        DurationParser.TryParse(text, out var duration, out var error) ? duration : throw new FormatException(error);

    /// <summary>Both lengths after each other; at most <see cref="TimeSpan.MaxValue"/>.</summary>
    public TimeSpan Plus(Duration other) => Value > TimeSpan.MaxValue - other.Value ? TimeSpan.MaxValue : Value + other.Value;

    /// <inheritdoc/>
    public override string ToString() => Text ?? string.Create(CultureInfo.InvariantCulture, $"seconds={Value.TotalSeconds}");
}

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
        text ??= "";
        var amounts = new double?[Keys.Length];
        var micros = BigInteger.Zero;
        error = Unreadable(text) ?? ReadPairs(text, amounts) ?? OutOfRange(text, micros = Sum(amounts));
        duration = error is null ? new Duration(text, ToTimeSpan(micros)) : default;
        return error is null;
    }

    private static string? Unreadable(string text) =>
        text.Length > MaxLength ? $"A duration has at most {MaxLength} characters."
        : text.Contains('\0', StringComparison.Ordinal) ? "A duration must not contain U+0000."
        : null;

    private static string? ReadPairs(string text, double?[] amounts)
    {
        foreach (var pair in text.Split(';', ','))
        {
            if (pair.Split('=') is not [var name, var number] || name.Trim() is not { Length: > 0 } key || !PythonFloat.TryParse(number, out var amount))
            {
                return Malformed(text);
            }

            var unit = Array.FindIndex(Keys, known => known.Equals(key, StringComparison.OrdinalIgnoreCase));
            if (unit < 0)
            {
                return $"{Malformed(text)} There is no key '{key}'; the keys are {string.Join(", ", Keys)}.";
            }

            amounts[unit] = amount;
        }

        return null;
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

/// <summary>
/// The finite numbers that Python's <c>float()</c> reads, in ASCII: sign, digits with single underscores between them, at most one
/// point with a digit on one of its sides, exponent; white space around it is ignored.
/// </summary>
internal static partial class PythonFloat
{
    /// <summary>Reads a number; false for other text, for <c>nan</c>, <c>inf</c>, and what overflows to infinity.</summary>
    public static bool TryParse(string text, out double value)
    {
        value = 0;
        var number = text.Trim();
        return Number().IsMatch(number)
            && double.TryParse(number.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture, out value)
            && double.IsFinite(value);
    }

    [GeneratedRegex(@"^[+-]?(?:[0-9](?:_?[0-9])*(?:\.(?:[0-9](?:_?[0-9])*)?)?|\.[0-9](?:_?[0-9])*)(?:[eE][+-]?[0-9](?:_?[0-9])*)?\z")]
    private static partial Regex Number();
}
