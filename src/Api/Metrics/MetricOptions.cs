using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace SessionCluster.Api.Metrics;

/// <summary>Which meters <c>/metrics</c> shows.</summary>
internal sealed class MetricOptions
{
    /// <summary>The meter of what we count ourselves.</summary>
    public const string OwnMeter = "SessionCluster";

    /// <summary>Shown unless set otherwise: what costs nothing on a request but our own counters.</summary>
    public static readonly string[] DefaultMeters = [OwnMeter, "System.Runtime", "Npgsql", "Microsoft.Orleans"];

    /// <summary><c>Metrics:Meters:N</c>: names of meters, for instance <c>Microsoft.AspNetCore.Hosting</c>.</summary>
    public IReadOnlyList<string> Meters { get; set; } = DefaultMeters;

    public void Bind(IConfiguration configuration)
    {
        if (configuration.GetSection("Metrics:Meters").Get<string[]>() is { Length: > 0 } meters)
        {
            Meters = meters;
        }
    }
}

/// <summary>Checks <see cref="MetricOptions"/>.</summary>
internal sealed class MetricOptionsValidator : IValidateOptions<MetricOptions>
{
    public ValidateOptionsResult Validate(string? name, MetricOptions options)
    {
        for (var i = 0; i < options.Meters.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(options.Meters[i]))
            {
                return ValidateOptionsResult.Fail($"Metrics:Meters:{i} must be the name of a meter, as {MetricOptions.DefaultMeters[0]}.");
            }
        }

        return ValidateOptionsResult.Success;
    }
}
