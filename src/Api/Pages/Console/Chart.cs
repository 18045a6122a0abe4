using Microsoft.AspNetCore.Html;

namespace SessionCluster.Api.Pages.Console;

/// <summary>Small charts, drawn by the server: nothing in them but numbers.</summary>
internal static class Chart
{
    /// <summary>A curve without axes.</summary>
    public static HtmlString Spark(IReadOnlyList<double> values)
    {
        var line = Line(values, 100, 23, 1);
        return new HtmlString($"""<svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true"><path class="under" d="M0 24L{line[1..]}L100 24z"/><path class="curve" d="{line}"/></svg>""");
    }

    /// <summary>A curve with its ground, for a plot of 600 by 100.</summary>
    public static HtmlString Curve(IReadOnlyList<double> values, string label)
    {
        var line = Line(values, 600, 100, 5);
        return new HtmlString($"""<svg viewBox="0 0 600 100" preserveAspectRatio="none" role="img" aria-label="{label}"><path class="rule" d="M0 0h600M0 50h600"/><path class="rule zero" d="M0 100h600"/><path class="under" d="M0 100L{line[1..]}L600 100z"/><path class="curve" d="{line}"/></svg>""");
    }

    /// <summary>Bars of logins, up, and endings, down.</summary>
    public static HtmlString Bars(IReadOnlyList<HourBar> hours, string label)
    {
        var most = Most(hours);
        var (text, width) = (new StringBuilder(), 600.0 / Math.Max(1, hours.Count));
        for (var index = 0; index < hours.Count; index++)
        {
            var (hour, x) = (hours[index], (index * width) + 4);
            double up = 100.0 * hour.Logins / most, down = 100.0 * hour.Endings / most;
            text.Append(CultureInfo.InvariantCulture, $"""<g><title>{hour.Hour.UtcDateTime:HH':00'}: {hour.Logins:N0} logins, {hour.Endings:N0} endings</title><rect class="fill-1" x="{x:0.#}" y="{100 - up:0.#}" width="{width - 8:0.#}" height="{up:0.#}"/><rect class="fill-2" x="{x:0.#}" y="100" width="{width - 8:0.#}" height="{down:0.#}"/></g>""");
        }

        return new HtmlString($"""<svg viewBox="0 0 600 200" preserveAspectRatio="none" role="img" aria-label="{label}"><path class="rule" d="M0 0h600M0 200h600"/>{text}<path class="rule zero" d="M0 100h600"/></svg>""");
    }

    /// <summary>The largest value of the bars' axis.</summary>
    public static long Most(IReadOnlyList<HourBar> hours) => Math.Max(1, hours.Select(hour => Math.Max(hour.Logins, hour.Endings)).DefaultIfEmpty(1).Max());

    /// <summary>A share of a whole, as a bar.</summary>
    public static HtmlString Share(double share) => new(string.Create(
        CultureInfo.InvariantCulture, $"""<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="fill-1" width="{Math.Clamp(share * 100, 0, 100):0.#}" height="8"/></svg>"""));

    private static string Line(IReadOnlyList<double> values, double width, double height, double top)
    {
        IReadOnlyList<double> shown = values.Count switch
        {
            0 => [0, 0],
            1 => [values[0], values[0]],
            _ => values,
        };
        var most = Math.Max(shown.Max(), double.Epsilon);
        var text = new StringBuilder();
        for (var index = 0; index < shown.Count; index++)
        {
            var y = height - ((height - top) * (most <= double.Epsilon ? 0 : shown[index] / most));
            text.Append(CultureInfo.InvariantCulture, $"{(index == 0 ? 'M' : 'L')}{width * index / (shown.Count - 1):0.#} {y:0.#}");
        }

        return text.ToString();
    }
}
