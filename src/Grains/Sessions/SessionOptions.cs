using Microsoft.Extensions.Options;
using SessionCluster.LoginStage;

namespace SessionCluster.Sessions;

/// <summary>Settings <c>Sessions:*</c>. Frozen into a session at its login; durations in the stage's syntax.</summary>
public sealed class SessionOptions
{
    public const string Section = "Sessions";

    /// <summary>Server-side bound of a session that ends with the browser; <c>days=1</c>. One minute to 999,999,999 days.</summary>
    public string BrowserLifetime { get; set; } = "days=1";

    /// <summary>A session not used for this long ends; <c>seconds=0</c> is off, else at least ten seconds.</summary>
    public string IdleTimeout { get; set; } = "seconds=0";

    /// <summary>Most live sessions of one user; 0 for no cap. At most 100,000.</summary>
    public int MaxPerUser { get; set; }

    /// <summary>What a login over the cap does: <c>end_oldest</c> or <c>deny</c>.</summary>
    public string OnLimit { get; set; } = EndOldest;

    public const string EndOldest = "end_oldest";

    public const string Deny = "deny";

    internal TimeSpan BrowserLifetimeValue => Duration.Load(BrowserLifetime).Value;

    internal TimeSpan IdleTimeoutValue => Duration.Load(IdleTimeout).Value;
}

/// <summary>Checks <see cref="SessionOptions"/> at start; a message names the setting and what it must be.</summary>
public sealed class SessionOptionsValidator : IValidateOptions<SessionOptions>
{
    public ValidateOptionsResult Validate(string? name, SessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        List<string> failures = [];
        if (!DurationParser.TryParse(options.BrowserLifetime, out var browser, out var error))
        {
            failures.Add($"Sessions:BrowserLifetime: {error}");
        }
        else if (browser.Value < TimeSpan.FromMinutes(1))
        {
            failures.Add($"Sessions:BrowserLifetime is '{options.BrowserLifetime}'; it must be at least minutes=1.");
        }

        if (!DurationParser.TryParse(options.IdleTimeout, out var idle, out error))
        {
            failures.Add($"Sessions:IdleTimeout: {error}");
        }
        else if (idle.Value != TimeSpan.Zero && idle.Value < TimeSpan.FromSeconds(10))
        {
            failures.Add($"Sessions:IdleTimeout is '{options.IdleTimeout}'; it must be seconds=0 (off) or at least seconds=10.");
        }

        if (options.MaxPerUser is < 0 or > 100_000)
        {
            failures.Add($"Sessions:MaxPerUser is {options.MaxPerUser}; it must be 0 (no cap) to 100000.");
        }

        if (options.OnLimit is not (SessionOptions.EndOldest or SessionOptions.Deny))
        {
            failures.Add($"Sessions:OnLimit is '{options.OnLimit}'; it must be '{SessionOptions.EndOldest}' or '{SessionOptions.Deny}'.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
