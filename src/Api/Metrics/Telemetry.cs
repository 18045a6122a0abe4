using Microsoft.Extensions.DependencyInjection.Extensions;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace SessionCluster.Api.Metrics;

/// <summary>Meters and traces of a process, by OpenTelemetry: at <c>/metrics</c>, and to a collector where one is set.</summary>
public static class Telemetry
{
    /// <summary>The setting, OpenTelemetry's own, that names a collector; without it nothing is exported and no trace is made.</summary>
    public const string CollectorSetting = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Most sets of labels of one metric: what a careless tag could fill the memory with goes into one that says overflow.</summary>
    private const int MostSeries = 1000;

    /// <summary>Whether traces are exported: only then is it worth what passing them from grain to grain costs.</summary>
    public static bool ExportsTraces(IConfiguration configuration) =>
        !string.IsNullOrEmpty(configuration[CollectorSetting]);

    /// <summary>Registers the gathering of meters and, with a collector, the export of meters and traces.</summary>
    public static IServiceCollection AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddChecked<MetricOptions>(options => options.Bind(configuration));
        services.AddMetrics();
        services.AddSingleton<PrometheusText>();
        services.AddSingleton<MetricsEndpoint>();
        services.AddSingleton<StorageGauges>();
        services.AddHostedService<ShownCounts>();
        services.TryAddSingleton(TimeProvider.System);
        var options = new MetricOptions();
        options.Bind(configuration);
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("sessioncluster"))
            .WithMetrics(metrics =>
            {
                metrics.AddMeter([.. options.Meters.Where(name => !string.IsNullOrWhiteSpace(name))]);
                metrics.AddView(_ => new MetricStreamConfiguration { CardinalityLimit = MostSeries });
                metrics.AddReader(provider => new BaseExportingMetricReader(provider.GetRequiredService<PrometheusText>()));
                if (ExportsTraces(configuration))
                {
                    metrics.AddOtlpExporter((OtlpExporterOptions _) => { });
                }
            });
        if (ExportsTraces(configuration))
        {
            telemetry.WithTracing(traces => traces
                .AddSource("Microsoft.AspNetCore", "Microsoft.Orleans.Application", "Microsoft.Orleans.Runtime", "Microsoft.Orleans.Lifecycle", "Microsoft.Orleans.Storage", "Npgsql")
                .AddProcessor(new MaskedTraces())
                .AddOtlpExporter());
        }

        return services;
    }
}
