using Microsoft.Extensions.Options;
using SessionCluster.LoginStage;

namespace SessionCluster.Silo.Sweeping;

/// <summary>Settings <c>Sweeping:*</c> and <c>Events:Retention</c>.</summary>
public sealed class SweepOptions
{
    public const string Section = "Sweeping";

    /// <summary>Pause between two sweeps; <c>seconds=10</c>. One second to one hour. The start is jittered by up to this.</summary>
    public string Interval { get; set; } = "seconds=10";

    /// <summary>Most rows of one step; 500. 1 to 10,000.</summary>
    public int Batch { get; set; } = 500;

    /// <summary>How long events are kept; <c>days=365</c>. At least one hour. Setting <c>Events:Retention</c>.</summary>
    public string EventRetention { get; set; } = "days=365";

    internal TimeSpan IntervalValue => Duration.Load(Interval).Value;

    internal TimeSpan EventRetentionValue => Duration.Load(EventRetention).Value;
}

/// <summary>Checks <see cref="SweepOptions"/> at start; a message names the setting and what it must be.</summary>
public sealed class SweepOptionsValidator : IValidateOptions<SweepOptions>
{
    public ValidateOptionsResult Validate(string? name, SweepOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        List<string> failures = [];
        if (!DurationParser.TryParse(options.Interval, out var interval, out var error))
        {
            failures.Add($"Sweeping:Interval: {error}");
        }
        else if (interval.Value < TimeSpan.FromSeconds(1) || interval.Value > TimeSpan.FromHours(1))
        {
            failures.Add($"Sweeping:Interval is '{options.Interval}'; it must be seconds=1 to hours=1.");
        }

        if (options.Batch is < 1 or > 10_000)
        {
            failures.Add($"Sweeping:Batch is {options.Batch}; it must be 1 to 10000.");
        }

        if (!DurationParser.TryParse(options.EventRetention, out var retention, out error))
        {
            failures.Add($"Events:Retention: {error}");
        }
        else if (retention.Value < TimeSpan.FromHours(1))
        {
            failures.Add($"Events:Retention is '{options.EventRetention}'; it must be at least hours=1.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
