using Npgsql;
using NpgsqlTypes;

namespace SessionCluster.Bench.Storage;

/// <summary>
/// What Npgsql alone makes of a durable login: the same three rows in the same tables; prepared, one connection a caller. In one statement,
/// or as an engine does it that keeps a state at a time: each row in a commit of its own, one after the other.
/// </summary>
internal sealed class BarePostgreSql : IAsyncDisposable
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

    private static readonly string InOne =
        $"WITH made AS ({Inserts[0]}), begun AS ({Inserts[1].Replace("$1", "$2", StringComparison.Ordinal)}) {Inserts[2].Replace("$1", "$3", StringComparison.Ordinal)}";

    private static long _next = 1_000_000_000;

    private readonly NpgsqlDataSource _source;
    private readonly string[] _model;
    private readonly NpgsqlCommand[][] _commands;

    private BarePostgreSql(NpgsqlDataSource source, string[] model, NpgsqlCommand[][] commands) =>
        (_source, _model, _commands) = (source, model, commands);

    /// <param name="connection">The database, in which the product has logged one person in.</param>
    /// <param name="callers">How many connections.</param>
    /// <param name="inOne">One statement for all rows.</param>
    public static async Task<BarePostgreSql> Open(string connection, int callers, bool inOne)
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
            commands[i] = [.. (inOne ? [InOne] : Inserts).Select(text => new NpgsqlCommand(text, link))];
            foreach (var command in commands[i])
            {
                for (var parameter = 0; parameter < Inserts.Length / commands[i].Length; parameter++)
                {
                    command.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Json, Value = "{}" });
                }

                await command.PrepareAsync();
            }
        }

        return new BarePostgreSql(source, model, commands);
    }

    /// <summary>One login's rows; returns when the last is durable.</summary>
    public async Task Insert(int caller)
    {
        var user = Person.Id(Interlocked.Increment(ref _next)).Value;
        var (session, entry) = (Guid.NewGuid().ToString(), Guid.CreateVersion7().ToString());
        var at = 0;
        foreach (var command in _commands[caller])
        {
            foreach (NpgsqlParameter parameter in command.Parameters)
            {
                parameter.Value = _model[at++]
                    .Replace(_model[3], user, StringComparison.Ordinal)
                    .Replace(_model[4], session, StringComparison.Ordinal)
                    .Replace(_model[5], entry, StringComparison.Ordinal);
            }

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
