using Microsoft.Extensions.Options;
using SessionCluster.LoginStage;
using SessionCluster.Settings;

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
        var check = new SettingsCheck(SessionOptions.Section);
        check.Duration(nameof(options.BrowserLifetime), options.BrowserLifetime, "minutes=1");
        check.Duration(nameof(options.IdleTimeout), options.IdleTimeout, "seconds=10", mayBeOff: true);
        check.Range(nameof(options.MaxPerUser), options.MaxPerUser, 0, 100_000);
        check.OneOf(nameof(options.OnLimit), options.OnLimit, SessionOptions.EndOldest, SessionOptions.Deny);
        return check.Result;
    }
}
