using SessionCluster.Api.Hosting;
using SessionCluster.LoginStage;
using SessionCluster.Settings;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// Settings of the PostgreSQL storage: where the database is from <c>Storage</c>, how it is used from <c>Storage:PostgreSql</c>.
/// </summary>
public sealed class PostgreSqlOptions
{
    /// <summary>The section of the settings.</summary>
    public const string Section = "Storage:PostgreSql";

    /// <summary>The setting of <see cref="DatabaseSettings.ConnectionString"/>.</summary>
    public const string ConnectionSetting = $"Storage:{nameof(DatabaseSettings.ConnectionString)}";

    /// <summary>The setting of <see cref="DatabaseSettings.PasswordFile"/>.</summary>
    public const string PasswordFileSetting = $"Storage:{nameof(DatabaseSettings.PasswordFile)}";

    /// <summary>
    /// How much longer than the server's own limit the client waits for an answer: the server's refusal should come first, since
    /// it leaves nothing open.
    /// </summary>
    internal static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>Where the database is; section <c>Storage</c>.</summary>
    public DatabaseSettings Database { get; set; } = new();

    /// <summary>
    /// How long the server works on one statement; <c>seconds=10</c>, from one second to 20. With five seconds for the way it has
    /// to be shorter than a grain's call.
    /// </summary>
    public string StatementTimeout { get; set; } = "seconds=10";

    /// <summary>Most writes that may wait for the writer; 16,384 unless set, 1 to 1,000,000.</summary>
    public int QueueLimit { get; set; } = 16_384;

    /// <summary>Most writes that share one transaction; 256 unless set, 1 to 10,000.</summary>
    public int GroupLimit { get; set; } = 256;

    /// <summary>
    /// Connections that write, each one transaction at a time; 2 unless set, 1 to 16. The writes of a user always go through the
    /// same one; the updates of sessions have one more.
    /// </summary>
    public int Writers { get; set; } = 2;

    /// <summary>
    /// Connections that read states, each all that wait for it in one statement; 2 unless set, 1 to 16.
    /// </summary>
    public int StateReaders { get; set; } = 2;

    /// <summary>Lists and searches at a time, so that they cannot hold up the others; 4 unless set, 1 to 64.</summary>
    public int ListReaders { get; set; } = 4;

    internal TimeSpan StatementTimeoutValue => Duration.Load(StatementTimeout).Value;

    /// <summary>Reads the options.</summary>
    public static PostgreSqlOptions From(IConfiguration configuration)
    {
        var options = configuration.GetSection(Section).Get<PostgreSqlOptions>() ?? new PostgreSqlOptions();
        configuration.GetSection(DatabaseSettings.Section).Bind(options.Database);
        return options;
    }

    /// <summary>What is wrong with these options, naming the settings; null when nothing is.</summary>
    /// <param name="callTimeout">How long a grain's caller waits.</param>
    public string? Problem(TimeSpan callTimeout)
    {
        var check = new SettingsCheck(Section);
        var timeout = check.Duration(nameof(StatementTimeout), StatementTimeout, "seconds=1", "seconds=20");
        check.Require(
            timeout is null || timeout + Grace < callTimeout,
            nameof(StatementTimeout),
            $"is '{StatementTimeout}'; with {Grace.TotalSeconds} seconds for the way it must be shorter than Cluster:CallTimeout, which is {callTimeout}. Make it shorter, or that longer.");
        check.Range(nameof(QueueLimit), QueueLimit, 1, 1_000_000);
        check.Range(nameof(GroupLimit), GroupLimit, 1, 10_000);
        check.Range(nameof(Writers), Writers, 1, 16);
        check.Range(nameof(StateReaders), StateReaders, 1, 16);
        check.Range(nameof(ListReaders), ListReaders, 1, 64);
        return check.Problem;
    }
}
