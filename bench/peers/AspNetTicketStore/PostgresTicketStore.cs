using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Npgsql;

namespace SessionCluster.Bench.AspNetTicketStore;

/// <summary>Tickets in a table: one prepared statement an operation, over pooled connections.</summary>
internal sealed class PostgresTicketStore : ITicketStore
{
    private const string Schema = """
        CREATE TABLE IF NOT EXISTS ticket (key uuid PRIMARY KEY, value bytea NOT NULL, expires timestamptz NOT NULL);
        CREATE INDEX IF NOT EXISTS ticket_expires ON ticket (expires);
        """;

    private readonly NpgsqlDataSource _database;

    private PostgresTicketStore(NpgsqlDataSource database) => _database = database;

    public static async Task<PostgresTicketStore> OpenAsync(string connection)
    {
        var settings = new NpgsqlConnectionStringBuilder(connection) { MaxPoolSize = 32, MaxAutoPrepare = 16, AutoPrepareMinUsages = 2 };
        var database = NpgsqlDataSource.Create(settings);
        await using var create = database.CreateCommand(Schema);
        await create.ExecuteNonQueryAsync();
        return new PostgresTicketStore(database);
    }

    public async Task<string> StoreAsync(AuthenticationTicket ticket)
    {
        var key = Guid.NewGuid();
        await using var insert = _database.CreateCommand("INSERT INTO ticket (key, value, expires) VALUES ($1, $2, $3)");
        Bind(insert, key, ticket);
        await insert.ExecuteNonQueryAsync();
        return key.ToString("N");
    }

    public async Task RenewAsync(string key, AuthenticationTicket ticket)
    {
        await using var update = _database.CreateCommand("UPDATE ticket SET value = $2, expires = $3 WHERE key = $1");
        Bind(update, Guid.ParseExact(key, "N"), ticket);
        await update.ExecuteNonQueryAsync();
    }

    public async Task<AuthenticationTicket?> RetrieveAsync(string key)
    {
        await using var select = _database.CreateCommand("SELECT value FROM ticket WHERE key = $1");
        select.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Guid.ParseExact(key, "N") });
        return await select.ExecuteScalarAsync() is byte[] value ? TicketSerializer.Default.Deserialize(value) : null;
    }

    public async Task RemoveAsync(string key)
    {
        await using var delete = _database.CreateCommand("DELETE FROM ticket WHERE key = $1");
        delete.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Guid.ParseExact(key, "N") });
        await delete.ExecuteNonQueryAsync();
    }

    private static void Bind(NpgsqlCommand command, Guid key, AuthenticationTicket ticket)
    {
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = key });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = TicketSerializer.Default.Serialize(ticket) });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = ticket.Properties.ExpiresUtc!.Value });
    }
}
