using Microsoft.Extensions.Options;
using SessionCluster.LoginStage;
using SessionCluster.Settings;

namespace SessionCluster.Silo.Sweeping;

/// <summary>Settings <c>Sweeping:*</c>.</summary>
public sealed class SweepOptions
{
    public const string Section = "Sweeping";

    /// <summary>Pause between two sweeps; <c>seconds=10</c>. One second to one hour. The start is jittered by up to this.</summary>
    public string Interval { get; set; } = "seconds=10";

    /// <summary>Most rows of one step; 500. 1 to 10,000.</summary>
    public int Batch { get; set; } = 500;

    internal TimeSpan IntervalValue => Duration.Load(Interval).Value;
}

/// <summary>Checks <see cref="SweepOptions"/> at start; a message names the setting and what it must be.</summary>
public sealed class SweepOptionsValidator : IValidateOptions<SweepOptions>
{
    public ValidateOptionsResult Validate(string? name, SweepOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var check = new SettingsCheck(SweepOptions.Section);
        check.Duration(nameof(options.Interval), options.Interval, "seconds=1", "hours=1");
        check.Range(nameof(options.Batch), options.Batch, 1, 10_000);
        return check.Result;
    }
}
