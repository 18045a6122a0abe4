using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Options;
using SessionCluster.Api.Callers;

namespace SessionCluster.Api.Metrics;

/// <summary><c>/metrics</c>: the meters of this process for Prometheus. It listens from its making on.</summary>
internal sealed class MetricsEndpoint : IDisposable
{
    private readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);

    private readonly MeterListener _listener = new();

    private readonly HashSet<string> _meters;

    public MetricsEndpoint(IOptions<MetricOptions> options)
    {
        _meters = new HashSet<string>(options.Value.Meters, StringComparer.Ordinal);
        _listener.InstrumentPublished = Listen;
        _listener.SetMeasurementEventCallback<byte>((_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<short>((_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<int>((_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<long>((_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<float>((_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<decimal>((_, value, tags, family) => Record(family, (double)value, tags));
        _listener.Start();
    }

    public Task Get(HttpContext context, Caller caller)
    {
        ArgumentNullException.ThrowIfNull(context);
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        foreach (var family in _families.Values.OrderBy(f => f.Name, StringComparer.Ordinal))
        {
            PrometheusText.Append(text, family);
        }

        text.Append("# HELP sessioncluster_metrics_dropped_total Measurements with more sets of labels than are kept.\n")
            .Append("# TYPE sessioncluster_metrics_dropped_total counter\n")
            .Append(CultureInfo.InvariantCulture, $"sessioncluster_metrics_dropped_total {_families.Values.Sum(f => f.Dropped)}\n");
        context.Response.ContentType = PrometheusText.ContentType;
        return context.Response.WriteAsync(text.ToString(), context.RequestAborted);
    }

    public void Dispose() => _listener.Dispose();

    // Instruments of one name, from several instances of a meter, share a family; the same name with another kind is left out.
    private void Listen(Instrument instrument, MeterListener listener)
    {
        if (_meters.Contains(instrument.Meter.Name)
            && MetricFamily.Of(instrument) is { } made
            && _families.GetOrAdd(made.Name, made) is var family
            && family.Kind == made.Kind)
        {
            listener.EnableMeasurementEvents(instrument, family);
        }
    }

    private static void Record(object? family, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        ((MetricFamily)family!).Record(value, tags);
}
