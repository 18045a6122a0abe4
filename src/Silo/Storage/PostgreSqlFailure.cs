using System.Net.Sockets;
using static SessionCluster.Settings.SettingsCheck;

namespace SessionCluster.Silo.Storage;

/// <summary>What is said of a start that the database failed.</summary>
internal static class PostgreSqlFailure
{
    private const string Setting = PostgreSqlOptions.ConnectionSetting;

    private const string Password = PostgreSqlOptions.PasswordFileSetting;

    /// <summary>The failure with what an operator can do, naming the setting.</summary>
    /// <param name="leastConnections">How many the process needs.</param>
    public static StorageStartException Explain(NpgsqlDataSource source, int leastConnections, Exception error)
    {
        var settings = new NpgsqlConnectionStringBuilder(source.ConnectionString);
        // In a list of hosts each may have a port of its own.
        var server = settings.Host!.Contains(',', StringComparison.Ordinal) ? settings.Host : $"{settings.Host}:{settings.Port}";
        var cause = CauseOf(error);
        var text = cause switch
        {
            PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } refused =>
                $"The PostgreSQL server {server} refuses the user {settings.Username}: {Sentence(refused.MessageText)} Check user and password in {Setting}, or {Password}.",
            PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } missing =>
                $"The PostgreSQL server {server} has no such database: {Sentence(missing.MessageText)} Create it (CREATE DATABASE \"{settings.Database}\" OWNER \"{settings.Username}\"), or name another in {Setting}.",
            PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } denied =>
                $"The user {settings.Username} may not do what is needed in the database {settings.Database}: {Sentence(denied.MessageText)} Make it the owner of the database and of its tables (GRANT CREATE ON SCHEMA public for the first start), or name another user in {Setting}.",
            PostgresException { SqlState: PostgresErrorCodes.CannotConnectNow } other =>
                $"The PostgreSQL server {server} cannot be used now: {Sentence(other.MessageText)} Name the primary in {Setting}, or wait until it is there.",
            PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } full =>
                $"The PostgreSQL server {server} takes no more connections: {Sentence(full.MessageText)} Raise its max_connections, or lower Maximum Pool Size in {Setting}, to {leastConnections} at the least.",
            PostgresException other =>
                $"The database {settings.Database} on {server} cannot be used: {other.SqlState} {Sentence(other.MessageText)} It is named by {Setting}.",
            NpgsqlException { InnerException: SocketException or TimeoutException } or TimeoutException or SocketException =>
                $"The PostgreSQL server {server} cannot be reached ({(cause.InnerException ?? cause).Message}). Start it, or name another in {Setting}.",
            NpgsqlException { Message: var message } =>
                $"The PostgreSQL server {server} cannot be used: {Sentence(message)} It is named by {Setting}; a password may also come from {Password}.",
            _ => $"The database {settings.Database} on {server} cannot be used: {Sentence(cause.Message)} It is named by {Setting}.",
        };
        return new StorageStartException(text, error);
    }

    /// <summary>Of several hosts that failed, one that answered says more than one that did not, and one that is no standby says most.</summary>
    private static Exception CauseOf(Exception error) => error is NpgsqlException { InnerException: AggregateException { InnerExceptions: var each } }
        ? each.OrderBy(one => one is PostgresException answer ? (answer.SqlState == PostgresErrorCodes.CannotConnectNow ? 1 : 0) : 2).First()
        : error;
}
