using System.Net.Sockets;
using Npgsql;

namespace SessionCluster.Silo.Storage;

/// <summary>What is said of a start that the database failed.</summary>
internal static class PostgreSqlFailure
{
    private const string Setting = PostgreSqlOptions.ConnectionSetting;

    private const string Password = PostgreSqlOptions.PasswordFileSetting;

    /// <summary>The failure with what an operator can do, naming the setting.</summary>
    public static StorageStartException Explain(NpgsqlDataSource source, Exception error)
    {
        var settings = new NpgsqlConnectionStringBuilder(source.ConnectionString);
        var server = $"{settings.Host}:{settings.Port}";
        var text = error switch
        {
            PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } refused =>
                $"The PostgreSQL server {server} refuses the user {settings.Username}: {refused.MessageText} Check user and password in {Setting}, or {Password}.",
            PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } missing =>
                $"The PostgreSQL server {server} has no such database: {missing.MessageText} Create it (CREATE DATABASE \"{settings.Database}\" OWNER \"{settings.Username}\"), or name another in {Setting}.",
            PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } denied =>
                $"The user {settings.Username} may not do what is needed in the database {settings.Database}: {denied.MessageText} Make it the owner of the database and of its tables (GRANT CREATE ON SCHEMA public for the first start), or name another user in {Setting}.",
            PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } full =>
                $"The PostgreSQL server {server} takes no more connections: {full.MessageText} Raise its max_connections, or lower Maximum Pool Size in {Setting}.",
            PostgresException other =>
                $"The database {settings.Database} on {server} cannot be used: {other.SqlState} {other.MessageText} It is named by {Setting}.",
            NpgsqlException { InnerException: SocketException or TimeoutException } or TimeoutException or SocketException =>
                $"The PostgreSQL server {server} cannot be reached ({(error.InnerException ?? error).Message}). Start it, or name another in {Setting}.",
            NpgsqlException { Message: var message } =>
                $"The PostgreSQL server {server} cannot be used: {message} It is named by {Setting}; a password may also come from {Password}.",
            _ => $"The database {settings.Database} on {server} cannot be used: {error.Message} It is named by {Setting}.",
        };
        return new StorageStartException(text, error);
    }
}
