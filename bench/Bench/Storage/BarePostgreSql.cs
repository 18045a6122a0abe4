using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace SessionCluster.Bench.Storage;

/// <summary>
/// What Npgsql alone makes of a durable login: the product's own statement with a document of the same bytes, prepared, one
/// connection a caller, one commit a statement.
/// </summary>
internal sealed class BarePostgreSql : IAsyncDisposable
{
    private const string Model =
        """
        SELECT json_build_object('payload', l.payload, 'born', json_build_array(row_to_json(s)), 'journal', json_build_array(row_to_json(e)))::text,
          l.user_pk, s.id::text, e.pk::text
        FROM ledger l JOIN session s USING (user_pk) JOIN event e USING (user_pk) LIMIT 1
        """;

    private readonly NpgsqlDataSource _source;
    private readonly (string Document, string User, string Session, string Event) _model;
    private readonly NpgsqlCommand[] _commands;
    private long _next = 1_000_000_000;

    private BarePostgreSql(NpgsqlDataSource source, (string, string, string, string) model, NpgsqlCommand[] commands) =>
        (_source, _model, _commands) = (source, model, commands);

    /// <param name="connection">The database, in which the product has logged one person in.</param>
    /// <param name="callers">How many connections.</param>
    public static async Task<BarePostgreSql> Open(string connection, int callers)
    {
        var source = NpgsqlDataSource.Create(connection + $";Maximum Pool Size={callers + 1};No Reset On Close=true");
        await using var reading = source.CreateCommand(Model);
        await using var reader = await reading.ExecuteReaderAsync();
        await reader.ReadAsync();
        var model = (reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3));
        await using var asking = source.CreateCommand("SELECT QueryText FROM OrleansQuery WHERE QueryKey = 'WriteToStorageKey'");
        var statement = (string)(await asking.ExecuteScalarAsync())!;
        var commands = new NpgsqlCommand[callers];
        for (var i = 0; i < callers; i++)
        {
            var command = new NpgsqlCommand(statement, await source.OpenConnectionAsync());
            command.Parameters.AddWithValue("GrainTypeString", "ledger");
            command.Parameters.Add("GrainIdExtensionString", NpgsqlDbType.Text);
            command.Parameters.Add(new NpgsqlParameter("GrainStateVersion", NpgsqlDbType.Integer) { Value = DBNull.Value });
            command.Parameters.Add("PayloadBinary", NpgsqlDbType.Bytea);
            command.Parameters[1].Value = "";
            command.Parameters[3].Value = Array.Empty<byte>();
            await command.PrepareAsync();
            commands[i] = command;
        }

        return new BarePostgreSql(source, model, commands);
    }

    /// <summary>One login's rows; returns when they are durable.</summary>
    public async Task Insert(int caller)
    {
        var user = Person.Id(Interlocked.Increment(ref _next)).Value;
        var command = _commands[caller];
        command.Parameters[1].Value = $"u:{user}";
        command.Parameters[3].Value = Encoding.UTF8.GetBytes(_model.Document
            .Replace(_model.User, user, StringComparison.Ordinal)
            .Replace(_model.Session, Guid.NewGuid().ToString(), StringComparison.Ordinal)
            .Replace(_model.Event, Guid.CreateVersion7().ToString(), StringComparison.Ordinal));
        if (await command.ExecuteScalarAsync() is null)
        {
            throw new InvalidOperationException("The row was there already.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var command in _commands)
        {
            await command.Connection!.DisposeAsync();
            await command.DisposeAsync();
        }

        await _source.DisposeAsync();
    }
}
