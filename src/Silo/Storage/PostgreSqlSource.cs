using System.Globalization;
using Npgsql;

namespace SessionCluster.Silo.Storage;

/// <summary>Makes the source of connections that the settings name; one for the whole process.</summary>
public static class PostgreSqlSource
{
    /// <summary>
    /// Nothing that was begun may live on unseen for long: a user's grain looks back 30 seconds for writes that were told to have
    /// failed. So the server itself ends statements and transactions, and connections whose client is gone. Commits are durable
    /// when they are answered, whatever the role's defaults say.
    /// </summary>
    private const string ServerSettings =
        "-c statement_timeout={limit} -c lock_timeout={limit} -c idle_in_transaction_session_timeout={limit}"
        + " -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 -c tcp_user_timeout=10000"
        + " -c default_transaction_isolation=read\\ committed -c default_transaction_read_only=off";

    /// <summary>A server on a system that cannot watch its clients refuses the setting; the limits above still hold.</summary>
    private const string WatchClient =
        """
        DO $$
        BEGIN
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
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        builder.UseLoggerFactory(logging);
        builder.UsePhysicalConnectionInitializer(
            connection =>
            {
                using var watch = connection.Command(WatchClient);
                watch.ExecuteNonQuery();
            },
            connection => connection.Command(WatchClient).Run());
        return builder.Build();
    }

    /// <summary>
    /// Most connections of a process, unless the connection string says otherwise: three processes fit into what PostgreSQL allows for all
    /// (100), and when many ask at once they wait here and not in the server.
    /// </summary>
    private const int MaxConnections = 30;

    private static void Complete(NpgsqlConnectionStringBuilder settings, TimeSpan statement)
    {
        settings.ApplicationName ??= "session-cluster";
        settings.MaxPoolSize = settings.Keys.OfType<string>().Contains("Maximum Pool Size") ? settings.MaxPoolSize : MaxConnections;
        settings.MaxAutoPrepare = settings.MaxAutoPrepare == 0 ? 64 : settings.MaxAutoPrepare;
        settings.AutoPrepareMinUsages = 2;
        settings.NoResetOnClose = true;
        settings.TcpKeepAlive = true;
        settings.Timeout = Math.Min(settings.Timeout, 5);
        settings.CommandTimeout = (int)Math.Ceiling((statement + PostgreSqlOptions.Grace).TotalSeconds);
        var limit = ((long)statement.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        var ours = ServerSettings.Replace("{limit}", limit, StringComparison.Ordinal);
        settings.Options = string.IsNullOrEmpty(settings.Options) ? ours : $"{settings.Options} {ours}";
    }
}
