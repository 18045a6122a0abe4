using System.Globalization;

namespace SessionCluster.LoginStage;

/// <summary>
/// A length of time in authentik's timedelta syntax (<c>hours=1,minutes=30</c>; docs/login-stage.md), kept verbatim beside its value.
/// </summary>
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
    /// <exception cref="FormatException">The text is no duration.</exception>
    public static Duration Load(string text) =>
        DurationParser.TryParse(text, out var duration, out var error) ? duration : throw new FormatException(error);

    /// <inheritdoc/>
    public override string ToString() => Text ?? string.Create(CultureInfo.InvariantCulture, $"seconds={Value.TotalSeconds}");
}
