using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace SessionCluster.Api.Metrics;

/// <summary>
/// The metrics that OpenTelemetry has gathered as the text format of Prometheus, version 0.0.4, with the names of OpenTelemetry's
/// compatibility rules. OpenTelemetry's own exporter for it is a beta, and names some of Orleans' metrics as promtool does not accept.
/// </summary>
[ExportModes(ExportModes.Pull)]
internal sealed class PrometheusText : BaseExporter<Metric>, IPullMetricExporter
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly Lock _collecting = new();

    [ThreadStatic]
    private static bool _isReading;

    private StringBuilder _text = new();

    /// <summary>Set by the reader that owns this exporter.</summary>
    public Func<int, bool>? Collect { get; set; }

    /// <summary>
    /// Whether this thread is reading. A history reads often, for which nothing is to be measured; who wants what is true now, as /metrics, has it
    /// measured beforehand.
    /// </summary>
    public static bool IsReading => _isReading;

    /// <summary>All metrics, now.</summary>
    public string Read()
    {
        lock (_collecting)
        {
            _text = new StringBuilder();
            _isReading = true;
            try
            {
                Collect?.Invoke(Timeout.Infinite);
            }
            finally
            {
                _isReading = false;
            }

            return _text.ToString();
        }
    }

    public override ExportResult Export(in Batch<Metric> batch)
    {
        var metrics = new List<Metric>();
        foreach (var metric in batch)
        {
            metrics.Add(metric);
        }

        foreach (var family in metrics.GroupBy(NameOf, StringComparer.Ordinal).OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            // One name has one type: instruments of the same name and another kind are left out.
            var kind = KindOf(family.First());
            _text.Append("# HELP ").Append(family.Key).Append(' ').Append(Escape(HelpOf(family.First()))).Append('\n')
                .Append("# TYPE ").Append(family.Key).Append(' ').Append(kind).Append('\n');
            foreach (var metric in family.Where(metric => KindOf(metric) == kind))
            {
                Append(family.Key, metric);
            }
        }

        return ExportResult.Success;
    }

    // Not everybody describes what they count.
    private static string HelpOf(Metric metric) => string.IsNullOrWhiteSpace(metric.Description) ? $"{metric.Name} of {metric.MeterName}." : metric.Description;

    /// <summary>
    /// The name of a family: dots become underscores, and the unit and <c>_total</c> follow where they belong. Units are base units; only
    /// a histogram may end in <c>_count</c>.
    /// </summary>
    internal static string Name(string instrument, string? unit, bool isCounter)
    {
        var name = Clean(instrument);
        var suffix = UnitName(unit);
        if (suffix.Length > 0 && !name.EndsWith(suffix, StringComparison.Ordinal))
        {
            name = $"{name}_{suffix}";
        }

        const string Count = "_count";
        name = name.EndsWith(Count, StringComparison.Ordinal) ? $"{name[..^Count.Length]}_number" : name;
        return isCounter && !name.EndsWith("_total", StringComparison.Ordinal) ? $"{name}_total" : name;
    }

    private static string NameOf(Metric metric) => Name(metric.Name, metric.Unit, KindOf(metric) == "counter");

    private static string KindOf(Metric metric) => metric.MetricType switch
    {
        MetricType.LongSum or MetricType.DoubleSum => "counter",
        MetricType.Histogram => "histogram",
        _ => "gauge",
    };

    private void Append(string name, Metric metric)
    {
        foreach (ref readonly var point in metric.GetMetricPoints())
        {
            var labels = Labels(point.Tags);
            if (metric.MetricType == MetricType.Histogram)
            {
                AppendHistogram(name, metric.Unit, labels, point);
            }
            else
            {
                AppendSample(name, labels, InBaseUnit(metric.Unit, metric.MetricType switch
                {
                    MetricType.LongSum or MetricType.LongSumNonMonotonic => point.GetSumLong(),
                    MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic => point.GetSumDouble(),
                    MetricType.LongGauge => point.GetGaugeLastValueLong(),
                    _ => point.GetGaugeLastValueDouble(),
                }));
            }
        }
    }

    private void AppendHistogram(string name, string unit, string labels, in MetricPoint point)
    {
        var separator = labels.Length > 0 ? "," : "";
        var running = 0L;
        foreach (var bucket in point.GetHistogramBuckets())
        {
            running += bucket.BucketCount;
            AppendSample($"{name}_bucket", $"{labels}{separator}le=\"{Number(InBaseUnit(unit, bucket.ExplicitBound))}\"", running);
        }

        AppendSample($"{name}_sum", labels, InBaseUnit(unit, point.GetHistogramSum()));
        AppendSample($"{name}_count", labels, running);
    }

    private void AppendSample(string name, string labels, double value)
    {
        _text.Append(name);
        if (labels.Length > 0)
        {
            _text.Append('{').Append(labels).Append('}');
        }

        _text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Labels(ReadOnlyTagCollection tags)
    {
        var text = new StringBuilder();
        foreach (var (key, value) in tags)
        {
            var shown = value is bool flag ? (flag ? "true" : "false") : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            text.Append(text.Length > 0 ? "," : "").Append(LabelName(key)).Append("=\"")
                .Append(Escape(shown).Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
        }

        return text.ToString();
    }

    /// <summary>In snake case, as promtool wants it: Orleans writes some in camel case.</summary>
    internal static string LabelName(string key) =>
        string.Concat(Clean(key).Select((c, i) => !char.IsAsciiLetterUpper(c) ? $"{c}" : $"{(i > 0 && char.IsAsciiLetterLower(key[i - 1]) ? "_" : "")}{char.ToLowerInvariant(c)}"));

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static double InBaseUnit(string? unit, double value) => unit switch
    {
        "ms" => value / 1000,
        "MB" => value * 1024 * 1024,
        _ => value,
    };

    private static string UnitName(string? unit) => unit switch
    {
        null or "" or "1" => "",
        "s" or "ms" => "seconds",
        "By" or "bytes" or "MB" => "bytes",
        "%" => "percent",
        _ when unit.StartsWith('{') => "",
        _ => Clean(unit),
    };

    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Clean(string text)
    {
        var clean = string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) || c == '_' ? c : '_'));
        return char.IsAsciiDigit(clean[0]) ? $"_{clean}" : clean;
    }
}
