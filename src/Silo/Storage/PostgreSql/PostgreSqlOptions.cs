using SessionCluster.LoginStage;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// Settings of the PostgreSQL storage: where the database is from <c>Storage</c>, how it is used from <c>Storage:PostgreSql</c>.
/// </summary>
public sealed class PostgreSqlOptions
{
    /// <summary>The section of the settings.</summary>
    public const string Section = "Storage:PostgreSql";

    /// <summary>The setting of <see cref="ConnectionString"/>.</summary>
    public const string ConnectionSetting = $"Storage:{nameof(ConnectionString)}";

    /// <summary>The setting of <see cref="ConnectionStringFile"/>.</summary>
    public const string ConnectionFileSetting = $"Storage:{nameof(ConnectionStringFile)}";

    /// <summary>The setting of <see cref="PasswordFile"/>.</summary>
    public const string PasswordFileSetting = $"Storage:{nameof(PasswordFile)}";

    /// <summary>
    /// How much longer than the server's own limit the client waits for an answer: the server's refusal should come first, since
    /// it leaves nothing open.
    /// </summary>
    internal static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LongestStatement = TimeSpan.FromSeconds(20);

    /// <summary>As Npgsql takes it: <c>Host=...;Database=...;Username=...</c>. Required, unless it comes from a file.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>A file that holds the connection string, as a mounted secret; instead of <see cref="ConnectionString"/>.</summary>
    public string? ConnectionStringFile { get; set; }

    /// <summary>A file that holds the password alone; instead of one in the connection string.</summary>
    public string? PasswordFile { get; set; }

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
        ArgumentNullException.ThrowIfNull(configuration);
        var options = configuration.GetSection(Section).Get<PostgreSqlOptions>() ?? new PostgreSqlOptions();
        options.ConnectionString = configuration[ConnectionSetting];
        options.ConnectionStringFile = configuration[ConnectionFileSetting];
        options.PasswordFile = configuration[PasswordFileSetting];
        return options;
    }

    /// <summary>What is wrong with these options, naming the setting; null when nothing is.</summary>
    /// <param name="callTimeout">How long a grain's caller waits.</param>
    public string? Problem(TimeSpan callTimeout) =>
        Source() ?? Timeout(callTimeout)
        ?? OutOfRange(nameof(QueueLimit), QueueLimit, 1_000_000)
        ?? OutOfRange(nameof(GroupLimit), GroupLimit, 10_000)
        ?? OutOfRange(nameof(Writers), Writers, 16)
        ?? OutOfRange(nameof(StateReaders), StateReaders, 16)
        ?? OutOfRange(nameof(ListReaders), ListReaders, 64);

    private string? Source()
    {
        if (string.IsNullOrWhiteSpace(ConnectionString) && string.IsNullOrWhiteSpace(ConnectionStringFile))
        {
            return $"{ConnectionSetting} is not set. Set it, as Host=localhost;Database=sessions;Username=sessions, or name a file that holds it by {ConnectionFileSetting}.";
        }

        return string.IsNullOrWhiteSpace(ConnectionString) || string.IsNullOrWhiteSpace(ConnectionStringFile)
            ? null
            : $"{ConnectionSetting} and {ConnectionFileSetting} are both set; remove one of them.";
    }

    private string? Timeout(TimeSpan callTimeout)
    {
        var name = $"{Section}:{nameof(StatementTimeout)}";
        if (!DurationParser.TryParse(StatementTimeout, out var timeout, out var error))
        {
            return $"{name}: {error}";
        }

        if (timeout.Value < TimeSpan.FromSeconds(1) || timeout.Value > LongestStatement)
        {
            return $"{name} is '{StatementTimeout}'; it must be seconds=1 to seconds=20.";
        }

        return timeout.Value + Grace < callTimeout
            ? null
            : $"{name} is '{StatementTimeout}'; with {Grace.TotalSeconds} seconds for the way it must be shorter than Cluster:CallTimeout, which is {callTimeout}. Make it shorter, or that longer.";
    }

    private static string? OutOfRange(string name, int value, int most) =>
        value >= 1 && value <= most ? null : $"{Section}:{name} is {value}; it must be from 1 to {most}.";
}
