namespace SessionCluster.Silo.Storage;

/// <summary>Settings of the PostgreSQL storage: where the database is from <c>Storage</c>, how it is used from <c>Storage:PostgreSql</c>.</summary>
public sealed class PostgreSqlOptions : ICheckedOptions
{
    public const string Section = "Storage:PostgreSql";

    public const string ConnectionSetting = $"Storage:{nameof(DatabaseSettings.ConnectionString)}";

    public const string PasswordFileSetting = $"Storage:{nameof(DatabaseSettings.PasswordFile)}";

    /// <summary>
    /// How much longer than the server's own limit the client waits for an answer: the server's refusal should come first, since
    /// it leaves nothing open.
    /// </summary>
    internal static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>Where the database is; section <c>Storage</c>.</summary>
    public DatabaseSettings Database { get; set; } = new();

    /// <summary>How long a grain's caller waits, which storage has to be quicker than; from <c>Cluster:CallTimeout</c>.</summary>
    internal TimeSpan CallTimeout { get; set; } = TimeSpan.MaxValue;

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

    /// <summary>Connections that read states, each all that wait for it in one statement; 2 unless set, 1 to 16.</summary>
    public int StateReaders { get; set; } = 2;

    /// <summary>Lists and searches at a time, so that they cannot hold up the others; 4 unless set, 1 to 64.</summary>
    public int ListReaders { get; set; } = 4;

    internal TimeSpan StatementTimeoutValue => Duration.Load(StatementTimeout).Value;

    /// <summary>
    /// The fewest connections that a process can do with: those above, the writer of sessions' updates, and four for all else that may go on at
    /// a time (Orleans' tables of members and plain states, reads of one user, the sweeper, the readiness).
    /// </summary>
    internal int LeastConnections => Writers + 1 + StateReaders + ListReaders + 4;

    public void Check(SettingsCheck check)
    {
        var timeout = check.Duration(nameof(StatementTimeout), StatementTimeout, "seconds=1", "seconds=20");
        check.Require(
            timeout is null || timeout + Grace < CallTimeout,
            nameof(StatementTimeout),
            $"is '{StatementTimeout}'; with {Grace.TotalSeconds} seconds for the way it must be shorter than Cluster:CallTimeout, which is {CallTimeout}. Make it shorter, or that longer.");
        check.Range(nameof(QueueLimit), QueueLimit, 1, 1_000_000);
        check.Range(nameof(GroupLimit), GroupLimit, 1, 10_000);
        check.Range(nameof(Writers), Writers, 1, 16);
        check.Range(nameof(StateReaders), StateReaders, 1, 16);
        check.Range(nameof(ListReaders), ListReaders, 1, 64);
    }
}

/// <summary>Makes the source of connections that the settings name; one for the whole process.</summary>
public static class PostgreSqlSource
{
    /// <summary>
    /// Nothing that was begun may live on unseen for long: a new activation of a user's grain looks back two minutes for endings by
    /// writes that were told to have failed. So the server itself ends statements and transactions, and connections whose client is gone. Commits are durable
    /// when they are answered, whatever the role's defaults say.
    /// </summary>
    private const string ServerSettings =
        "-c statement_timeout={limit} -c lock_timeout={limit} -c idle_in_transaction_session_timeout={limit}"
        + " -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 -c tcp_user_timeout=10000"
        + " -c default_transaction_isolation=read\\ committed -c default_transaction_read_only=off";

    /// <summary>
    /// What each connection begins with. A standby is behind: what ended may be live there, so none of its answers may count, wherever a name
    /// or a list of hosts leads (57P03: cannot connect now). A server on a system that cannot watch its clients refuses that setting; the
    /// limits above still hold.
    /// </summary>
    private const string Begin =
        """
        DO $$
        BEGIN
          IF pg_is_in_recovery() THEN
            RAISE EXCEPTION 'This server is a standby, which takes no writes and is behind.' USING ERRCODE = '57P03';
          END IF;
          PERFORM set_config('client_connection_check_interval', '2s', false);
        EXCEPTION WHEN invalid_parameter_value THEN
          NULL;
        END
        $$
        """;

    /// <exception cref="StorageStartException">The connection string or a file that the settings name cannot be read.</exception>
    public static NpgsqlDataSource Make(PostgreSqlOptions options, ILoggerFactory? logging)
    {
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = options.Database.Read();
        }
        catch (InvalidDataException error)
        {
            throw new StorageStartException(error.Message, error);
        }

        Complete(settings, options.StatementTimeoutValue);
        if (settings.Pooling && settings.MaxPoolSize < options.LeastConnections)
        {
            throw new StorageStartException(
                $"Maximum Pool Size is {settings.MaxPoolSize} ({MaxConnections} unless set), but {options.LeastConnections} connections are needed at least: {PostgreSqlOptions.Section}:Writers is {options.Writers}, :StateReaders {options.StateReaders} and :ListReaders {options.ListReaders}, and five more. Raise it in {PostgreSqlOptions.ConnectionSetting}, or lower those.");
        }

        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        builder.UseLoggerFactory(logging);
        builder.UsePhysicalConnectionInitializer(
            connection =>
            {
                using var begin = connection.Command(Begin);
                begin.ExecuteNonQuery();
            },
            connection => connection.Command(Begin).Run());
        return builder.Build();
    }

    /// <summary>
    /// Most connections of a process, unless the connection string says otherwise: three processes fit into what PostgreSQL allows for all
    /// (100), and when many ask at once they wait here and not in the server. Who wants more at least gets them.
    /// </summary>
    private const int MaxConnections = 30;

    /// <summary>Most seconds for which a server that cannot be reached is waited for; 0 would be for ever.</summary>
    private const int MaxConnectSeconds = 5;

    private static void Complete(NpgsqlConnectionStringBuilder settings, TimeSpan statement)
    {
        settings.ApplicationName ??= "session-cluster";
        settings.MaxPoolSize = settings.Keys.OfType<string>().Contains("Maximum Pool Size") ? settings.MaxPoolSize : Math.Max(MaxConnections, settings.MinPoolSize);
        settings.MaxAutoPrepare = settings.MaxAutoPrepare == 0 ? 64 : settings.MaxAutoPrepare;
        settings.AutoPrepareMinUsages = 2;
        settings.NoResetOnClose = true;
        settings.TcpKeepAlive = true;
        settings.Timeout = settings.Timeout is > 0 and < MaxConnectSeconds ? settings.Timeout : MaxConnectSeconds;
        settings.CommandTimeout = (int)Math.Ceiling((statement + PostgreSqlOptions.Grace).TotalSeconds);
        var limit = ((long)statement.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        var ours = ServerSettings.Replace("{limit}", limit, StringComparison.Ordinal);
        settings.Options = string.IsNullOrEmpty(settings.Options) ? ours : $"{settings.Options} {ours}";
    }
}
