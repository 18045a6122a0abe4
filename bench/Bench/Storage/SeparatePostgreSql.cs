using Npgsql;
using NpgsqlTypes;

namespace SessionCluster.Bench.Storage;

/// <summary>
/// A durable login as an engine makes it that keeps a state at a time: the same three rows in the same tables, each in a commit of
/// its own, one after the other; prepared, one connection a caller.
/// </summary>
internal sealed class SeparatePostgreSql : IAsyncDisposable
{
    private const string SessionColumns =
        "id, version, user_pk, username, created, expires, idle_at, last_used, last_ip, last_user_agent, asn, country, payload";

    private const string EventColumns = "pk, action, user_pk, username, email, name, client_ip, session, created, context";

    private const string Model =
        """
        SELECT row_to_json(l)::text, row_to_json(s)::text, row_to_json(e)::text, l.user_pk, s.id::text, e.pk::text
        FROM ledger l JOIN session s USING (user_pk) JOIN event e USING (user_pk) LIMIT 1
        """;

    private static readonly string[] Inserts =
    [
        "INSERT INTO ledger SELECT * FROM json_populate_record(NULL::ledger, $1)",
        $"INSERT INTO session ({SessionColumns}) SELECT {SessionColumns} FROM json_populate_record(NULL::session, $1)",
        $"INSERT INTO event ({EventColumns}) SELECT {EventColumns} FROM json_populate_record(NULL::event, $1)",
    ];

    private readonly NpgsqlDataSource _source;
    private readonly string[] _model;
    private readonly NpgsqlCommand[][] _commands;
    private long _next = 2_000_000_000;

    private SeparatePostgreSql(NpgsqlDataSource source, string[] model, NpgsqlCommand[][] commands) =>
        (_source, _model, _commands) = (source, model, commands);

    /// <param name="connection">The database, in which the product has logged one person in.</param>
    /// <param name="callers">How many connections.</param>
    public static async Task<SeparatePostgreSql> Open(string connection, int callers)
    {
        var source = NpgsqlDataSource.Create(connection + $";Maximum Pool Size={callers + 1};No Reset On Close=true");
        await using var reading = source.CreateCommand(Model);
        await using var reader = await reading.ExecuteReaderAsync();
        await reader.ReadAsync();
        var model = Enumerable.Range(0, reader.FieldCount).Select(reader.GetString).ToArray();
        var commands = new NpgsqlCommand[callers][];
        for (var i = 0; i < callers; i++)
        {
            var link = await source.OpenConnectionAsync();
            commands[i] = [.. Inserts.Select(insert => new NpgsqlCommand(insert, link) { Parameters = { new() { NpgsqlDbType = NpgsqlDbType.Json, Value = "{}" } } })];
            foreach (var command in commands[i])
            {
                await command.PrepareAsync();
            }
        }

        return new SeparatePostgreSql(source, model, commands);
    }

    /// <summary>One login's rows; returns when the last is durable.</summary>
    public async Task Insert(int caller)
    {
        var user = Person.Id(Interlocked.Increment(ref _next)).Value;
        var (session, entry) = (Guid.NewGuid().ToString(), Guid.CreateVersion7().ToString());
        for (var i = 0; i < Inserts.Length; i++)
        {
            var command = _commands[caller][i];
            command.Parameters[0].Value = _model[i]
                .Replace(_model[3], user, StringComparison.Ordinal)
                .Replace(_model[4], session, StringComparison.Ordinal)
                .Replace(_model[5], entry, StringComparison.Ordinal);
            await command.ExecuteNonQueryAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var commands in _commands)
        {
            await commands[0].Connection!.DisposeAsync();
            foreach (var command in commands)
            {
                await command.DisposeAsync();
            }
        }

        await _source.DisposeAsync();
    }
}
