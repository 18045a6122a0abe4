namespace SessionCluster.Sessions;

/// <summary>Settings <c>Sessions:*</c>; durations in the stage's syntax. A login freezes the browser lifetime and the idle timeout into its session.</summary>
public sealed class SessionOptions : ICheckedOptions
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

    public void Check(SettingsCheck check)
    {
        check.Duration(nameof(BrowserLifetime), BrowserLifetime, "minutes=1");
        check.Duration(nameof(IdleTimeout), IdleTimeout, "seconds=10", mayBeOff: true);
        check.Range(nameof(MaxPerUser), MaxPerUser, 0, 100_000);
        check.OneOf(nameof(OnLimit), OnLimit, EndOldest, Deny);
    }
}

/// <summary>Settings <c>Leases:*</c>: how long answers may rest on memory (docs/correctness.md).</summary>
public sealed class LeaseOptions : ICheckedOptions
{
    public const string Section = "Leases";

    /// <summary>
    /// L: how long a session grain answers from memory after its user's grain has confirmed it; <c>seconds=5</c>.
    /// 100 milliseconds to 10 seconds: longer would make an ending that must wait it out outlast a call.
    /// </summary>
    public string Duration { get; set; } = "seconds=5";

    /// <summary>
    /// F: how old a user grain's knowledge of its ledger may be when it grants a lease; past it the ledger's version is read
    /// again. Zero where one process is alone: there is only one activation of a grain, whose knowledge does not age.
    /// </summary>
    public TimeSpan LedgerFreshness { get; set; }

    /// <summary>
    /// Where nothing is known of leases, up to this many sessions are told of their ending one by one; more wait their leases out.
    /// Telling activates each, and is given up when waiting would be over.
    /// </summary>
    public int MaxUnknownTold { get; set; } = 16_384;

    /// <summary>How many sessions are told at the same time.</summary>
    public int TellParallelism { get; set; } = 64;

    public TimeSpan LeaseLength => LoginStage.Duration.Load(Duration).Value;

    /// <summary>F + L: longest that an activation which lives on by mistake, or a session that cannot be told, goes on answering.</summary>
    public TimeSpan Bound => LedgerFreshness + LeaseLength;

    /// <summary>
    /// How long a membership must have stood before endings rely on it: a member hears of a change within F, has given up what is elsewhere
    /// within F after that, and what it granted by then is over after L.
    /// </summary>
    public TimeSpan Settling => LedgerFreshness + Bound;

    public void Check(SettingsCheck check)
    {
        check.Duration(nameof(Duration), Duration, "milliseconds=100", "seconds=10");
        check.Require(
            LedgerFreshness >= TimeSpan.Zero && LedgerFreshness <= TimeSpan.FromSeconds(10),
            nameof(LedgerFreshness),
            $"is {LedgerFreshness}; it must be 0 to 10 seconds.");
        check.Range(nameof(MaxUnknownTold), MaxUnknownTold, 0, 1_000_000);
        check.Range(nameof(TellParallelism), TellParallelism, 1, 1024);
    }
}
