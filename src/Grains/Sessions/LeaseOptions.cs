using Microsoft.Extensions.Options;
using SessionCluster.LoginStage;

namespace SessionCluster.Sessions;

/// <summary>Settings <c>Leases:*</c>: how long answers may rest on memory (design.md section 3).</summary>
public sealed class LeaseOptions
{
    public const string Section = "Leases";

    /// <summary>
    /// L: how long a session grain answers from memory after its user's grain has confirmed it; <c>seconds=5</c>.
    /// 100 milliseconds to 10 seconds: longer would make an ending that must wait it out outlast a call.
    /// </summary>
    public string Duration { get; set; } = "seconds=5";

    /// <summary>
    /// F: how old a user grain's knowledge of its ledger may be when it grants a lease; past it the ledger's version is read
    /// again. Zero where there is only one activation of a grain, as on the embedded engine: nothing is read again.
    /// </summary>
    public TimeSpan Freshness { get; set; }

    /// <summary>
    /// Where nothing is known of leases, up to this many sessions are told of their ending one by one; more wait their leases out.
    /// Telling activates each, about 50 µs on the embedded engine, and is given up when waiting would be over.
    /// </summary>
    public int MaxUnknownTold { get; set; } = 16_384;

    /// <summary>How many sessions are told at the same time.</summary>
    public int TellParallelism { get; set; } = 64;

    internal TimeSpan DurationValue => LoginStage.Duration.Load(Duration).Value;
}

/// <summary>Checks <see cref="LeaseOptions"/> at start; a message names the setting and what it must be.</summary>
public sealed class LeaseOptionsValidator : IValidateOptions<LeaseOptions>
{
    public ValidateOptionsResult Validate(string? name, LeaseOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        List<string> failures = [];
        if (!DurationParser.TryParse(options.Duration, out var lease, out var error))
        {
            failures.Add($"Leases:Duration: {error}");
        }
        else if (lease.Value < TimeSpan.FromMilliseconds(100) || lease.Value > TimeSpan.FromSeconds(10))
        {
            failures.Add($"Leases:Duration is '{options.Duration}'; it must be milliseconds=100 to seconds=10.");
        }

        if (options.Freshness < TimeSpan.Zero || options.Freshness > TimeSpan.FromSeconds(10))
        {
            failures.Add($"Leases:Freshness is {options.Freshness}; it must be 0 to 10 seconds.");
        }

        if (options.MaxUnknownTold < 0 || options.TellParallelism is < 1 or > 1024)
        {
            failures.Add("Leases:MaxUnknownTold must not be negative, Leases:TellParallelism must be 1 to 1024.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
