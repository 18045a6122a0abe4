using Microsoft.AspNetCore.Html;

namespace SessionCluster.Api.Pages.Words;

/// <summary>Moments and lengths of time in words. Times are UTC: without a script the reader's zone is not known.</summary>
internal static class TimeWords
{
    private static readonly (string One, string Many, long Ticks)[] Units =
    [
        ("day", "days", TimeSpan.TicksPerDay), ("hour", "hours", TimeSpan.TicksPerHour), ("minute", "minutes", TimeSpan.TicksPerMinute),
        ("second", "seconds", TimeSpan.TicksPerSecond), ("millisecond", "milliseconds", TimeSpan.TicksPerMillisecond),
    ];

    /// <summary>A moment to the second: <c>24 Nov 2026, 14:02:31 UTC</c>.</summary>
    public static HtmlString Moment(DateTimeOffset at) => Element(at, Text(at, "d MMM yyyy, HH:mm:ss 'UTC'"));

    /// <summary>A moment to the microsecond: <c>14:02:31.482913 UTC</c>.</summary>
    public static HtmlString Exact(DateTimeOffset at) => Element(at, Text(at, "HH:mm:ss.ffffff 'UTC'"), ".ffffff");

    /// <summary>The time of day alone.</summary>
    public static HtmlString Clock(DateTimeOffset at) => Element(at, Text(at, "HH:mm:ss"));

    /// <summary>The time of day, with the date where that is not today's.</summary>
    public static HtmlString ClockOn(DateTimeOffset at, DateTimeOffset now) =>
        at.UtcDateTime.Date == now.UtcDateTime.Date ? Clock(at) : Element(at, Text(at, at.UtcDateTime.Year == now.UtcDateTime.Year ? "d MMM, HH:mm:ss" : "d MMM yyyy, HH:mm:ss"));

    public static HtmlString Day(DateTimeOffset at) => Element(at, Text(at, "d MMM yyyy"));

    /// <summary>A past moment as the account pages say it: "41 minutes ago", "Yesterday, 22:14".</summary>
    public static HtmlString Past(DateTimeOffset at, DateTimeOffset now) => Element(at, PastText(at, now));

    /// <summary>The same within a sentence: "just now", "yesterday, 22:14".</summary>
    public static HtmlString PastWithin(DateTimeOffset at, DateTimeOffset now) =>
        Element(at, PastText(at, now) is var text and not "Now" ? char.ToLowerInvariant(text[0]) + text[1..] : "just now");

    public static string PastText(DateTimeOffset at, DateTimeOffset now)
    {
        var (age, days) = (now - at, (now.UtcDateTime.Date - at.UtcDateTime.Date).Days);
        return age < TimeSpan.FromMinutes(1) ? "Now"
            : age < TimeSpan.FromHours(1) ? $"{Count((long)age.TotalMinutes, "minute")} ago"
            : days == 0 ? Text(at, "'Today,' HH:mm")
            : days == 1 ? Text(at, "'Yesterday,' HH:mm")
            : at.UtcDateTime.Year == now.UtcDateTime.Year ? Text(at, "d MMM, HH:mm")
            : Text(at, "d MMM yyyy");
    }

    /// <summary>A past moment as the console's tables say it: "5 h ago".</summary>
    public static HtmlString Ago(DateTimeOffset at, DateTimeOffset now)
    {
        var age = now - at;
        return Element(at, age < TimeSpan.FromSeconds(2) ? "Now"
            : age < TimeSpan.FromMinutes(1) ? $"{(long)age.TotalSeconds} s ago"
            : age < TimeSpan.FromHours(1) ? $"{(long)age.TotalMinutes} min ago"
            : age < TimeSpan.FromDays(1) ? $"{(long)age.TotalHours} h ago"
            : age < TimeSpan.FromDays(31) ? $"{Count((long)age.TotalDays, "day")} ago"
            : Text(at, "d MMM yyyy"));
    }

    /// <summary>A coming moment: "in 30 days".</summary>
    public static HtmlString Coming(DateTimeOffset at, DateTimeOffset now)
    {
        var left = at - now;
        return Element(at, left < TimeSpan.FromMinutes(1) ? "Now"
            : left < TimeSpan.FromHours(1) ? $"in {Count((long)left.TotalMinutes, "minute")}"
            : left < TimeSpan.FromDays(2) ? $"in {Count((long)left.TotalHours, "hour")}"
            : $"in {Count((long)left.TotalDays, "day")}");
    }

    /// <summary>The date and time of a coming moment, the year where it is another.</summary>
    public static string DateText(DateTimeOffset at, DateTimeOffset now) =>
        Text(at, at.UtcDateTime.Year == now.UtcDateTime.Year ? "d MMM, HH:mm" : "d MMM yyyy");

    /// <summary>Until when, in tables: "until 24 Dec", today "until 22:02".</summary>
    public static string Until(DateTimeOffset at, DateTimeOffset now) =>
        "until " + Text(at, at - now < TimeSpan.FromHours(20) ? "HH:mm" : at.UtcDateTime.Year == now.UtcDateTime.Year ? "d MMM" : "d MMM yyyy");

    /// <summary>A length of time by its largest units, at most three: "30 days and 5 minutes".</summary>
    /// <param name="translate">Gives the word of another language; null for English.</param>
    /// <param name="numbers">How that language writes numbers.</param>
    public static string Length(TimeSpan length, Func<string, string>? translate = null, NumberFormatInfo? numbers = null)
    {
        var word = translate ?? (static english => english);
        var (left, parts) = (length.Ticks, new List<string>());
        foreach (var (one, many, ticks) in Units)
        {
            if (left / ticks is > 0 and var number && parts.Count < 3)
            {
                parts.Add($"{number.ToString("N0", numbers ?? NumberFormatInfo.InvariantInfo)} {word(number == 1 ? one : many)}");
                left %= ticks;
            }
        }

        return parts switch
        {
            [] => word("none"),
            [var only] => only,
            [.. var first, var last] => $"{string.Join(", ", first)} {word("and")} {last}",
        };
    }

    public static string Count(long number, string thing) =>
        $"{number.ToString("N0", CultureInfo.InvariantCulture)} {thing}{(number == 1 ? "" : "s")}";

    private static string Text(DateTimeOffset at, string format) => at.UtcDateTime.ToString(format, CultureInfo.InvariantCulture);

    // Formats and words of ours: nothing in here has to be encoded.
    private static HtmlString Element(DateTimeOffset at, string text, string fraction = "") =>
        new($"""<time datetime="{Text(at, $"yyyy-MM-dd'T'HH:mm:ss{fraction}'Z'")}">{text}</time>""");
}
