namespace SessionCluster.Api.Metrics;

/// <summary>Which meters <c>/metrics</c> shows.</summary>
internal sealed class MetricOptions : ICheckedOptions
{
    /// <summary>The meter of what we count ourselves.</summary>
    public const string OwnMeter = "SessionCluster";

    /// <summary>Shown unless set otherwise.</summary>
    public static readonly string[] DefaultMeters = [OwnMeter, "Microsoft.AspNetCore.Hosting", "System.Runtime", "Npgsql", "Microsoft.Orleans"];

    /// <summary><c>Metrics:Meters:N</c>: names of meters, for instance <c>Microsoft.AspNetCore.Server.Kestrel</c>.</summary>
    public IReadOnlyList<string> Meters { get; set; } = DefaultMeters;

    /// <summary><c>Metrics:Urls</c>: where health and meters are served apart from all else, with semicolons between. Default none.</summary>
    public string Urls { get; set; } = "";

    public IReadOnlyList<int> Ports => [.. ListenUrls.Split(Urls).Select(url => BindingAddress.Parse(url).Port)];

    /// <summary>Whether health and meters are served at <see cref="Urls"/> and nowhere else.</summary>
    public bool IsApart => Ports.Count > 0;

    /// <summary><c>OTEL_EXPORTER_OTLP_ENDPOINT</c>: a collector. OpenTelemetry itself would say nothing of one that is not a URL.</summary>
    public string Collector { get; set; } = "";

    public void Bind(IConfiguration configuration)
    {
        Collector = configuration[Telemetry.CollectorSetting] ?? "";
        Urls = configuration["Metrics:Urls"] ?? "";
        if (configuration.GetSection("Metrics:Meters").Get<string[]>() is { Length: > 0 } meters)
        {
            Meters = meters;
        }
    }

    public void Check(SettingsCheck check)
    {
        check.Require(
            Collector.Length == 0 || (Uri.TryCreate(Collector, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)),
            Telemetry.CollectorSetting,
            $"is '{Collector}'; it must be an http or https URL, such as http://collector:4317.");
        for (var i = 0; i < Meters.Count && check.IsFine; i++)
        {
            check.Require(!string.IsNullOrWhiteSpace(Meters[i]), $"Metrics:Meters:{i}", $"must be the name of a meter, such as {DefaultMeters[0]}.");
        }
    }
}
