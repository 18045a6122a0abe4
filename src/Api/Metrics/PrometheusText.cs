using System.Globalization;
using System.Text;

namespace SessionCluster.Api.Metrics;

/// <summary>The text format of Prometheus, version 0.0.4, with the names that OpenTelemetry's compatibility rules give.</summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>The name of a family: dots become underscores, and the unit and <c>_total</c> follow where they belong.</summary>
    public static string Name(string instrument, string? unit, MetricKind kind)
    {
        var name = Clean(instrument);
        var suffix = UnitName(unit);
        if (suffix.Length > 0 && !name.EndsWith(suffix, StringComparison.Ordinal))
        {
            name = $"{name}_{suffix}";
        }

        return kind == MetricKind.Counter && !name.EndsWith("_total", StringComparison.Ordinal) ? $"{name}_total" : name;
    }

    /// <summary>The labels of a set of tags, without braces.</summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new StringBuilder();
        foreach (var (key, value) in tags)
        {
            var shown = value is bool flag ? (flag ? "true" : "false") : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            text.Append(text.Length > 0 ? "," : "").Append(Clean(key)).Append("=\"");
            text.Append(shown.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal));
            text.Append('"');
        }

        return text.ToString();
    }

    /// <summary>Appends a family with its series; nothing while it has none.</summary>
    public static void Append(StringBuilder text, MetricFamily family)
    {
        var header = false;
        foreach (var series in family.Series)
        {
            if (!header)
            {
                var help = family.Help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
                text.Append("# HELP ").Append(family.Name).Append(' ').Append(help).Append('\n');
                text.Append("# TYPE ").Append(family.Name).Append(' ').Append(KindName(family.Kind)).Append('\n');
                header = true;
            }

            if (family.Kind == MetricKind.Histogram)
            {
                AppendHistogram(text, family, series);
            }
            else
            {
                AppendSample(text, family.Name, series.Labels, series.Value);
            }
        }
    }

    private static void AppendHistogram(StringBuilder text, MetricFamily family, MetricSeries series)
    {
        var separator = series.Labels.Length > 0 ? "," : "";
        var running = 0L;
        for (var i = 0; i <= family.Bounds.Length; i++)
        {
            running += series.Bucket(i);
            var bound = i < family.Bounds.Length ? Number(family.Bounds[i]) : "+Inf";
            AppendSample(text, $"{family.Name}_bucket", $"{series.Labels}{separator}le=\"{bound}\"", running);
        }

        AppendSample(text, $"{family.Name}_sum", series.Labels, series.Value);
        // The buckets are read one by one while others are counted: their sum is the count that fits them.
        AppendSample(text, $"{family.Name}_count", series.Labels, running);
    }

    private static void AppendSample(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string KindName(MetricKind kind) => kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.Histogram => "histogram",
        _ => "gauge",
    };

    private static string UnitName(string? unit) => unit switch
    {
        null or "" or "1" => "",
        "s" => "seconds",
        "ms" => "milliseconds",
        "By" or "bytes" => "bytes",
        "%" => "percent",
        _ when unit.StartsWith('{') => "",
        _ => Clean(unit),
    };

    private static string Clean(string text)
    {
        var clean = string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) || c == '_' ? c : '_'));
        return char.IsAsciiDigit(clean[0]) ? $"_{clean}" : clean;
    }
}
