using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SessionCluster.Events;
using SessionCluster.Sessions;
using SessionCluster.Silo.Storage;

namespace SessionCluster.Storage.Tests;

/// <summary>A storage over a database of its own, and the rows that the tests write.</summary>
internal sealed partial class OpenStorage : IDisposable
{
    /// <summary>Counts the sessions whose columns say what their payload says.</summary>
    public const string SoundSessions =
        """
        SELECT count(*) FROM session WHERE username = payload ->> 'username' AND created = (payload ->> 'created')::bigint
          AND expires = (payload ->> 'expires')::bigint AND last_used = (payload ->> 'last_used')::bigint
          AND last_ip = payload ->> 'last_ip' AND last_user_agent = payload ->> 'last_user_agent'
          AND asn IS NOT DISTINCT FROM (payload #>> '{asn,asn}')::bigint AND country IS NOT DISTINCT FROM payload #>> '{geo,country}'
          AND idle_at IS NOT DISTINCT FROM last_used + (payload ->> 'idle_micros')::bigint
        """;

    private readonly PostgreSqlOptions _options;

    public OpenStorage()
        : this(new PostgreSqlOptions())
    {
    }

    public OpenStorage(PostgreSqlOptions options)
    {
        _options = options;
        options.ConnectionString ??= PostgreSqlServer.Shared.CreateDatabase() + ";Maximum Pool Size=20";
        Open();
    }

    public string ConnectionString => _options.ConnectionString!;

    public PostgreSqlDatabase Database { get; private set; } = null!;

    public PostgreSqlWriter Writer { get; private set; } = null!;

    public PostgreSqlReader Reader { get; private set; } = null!;

    public IGrainStorage Storage => new PostgreSqlGrainStorage(Writer, Reader);

    public ISessionRows Sessions => new PostgreSqlSessionRows(Database);

    public IEventRows Events => new PostgreSqlEventRows(Database);

    public async Task<long> Number(string sql)
    {
        await using var command = Database.Source.Command(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync() ?? -1, CultureInfo.InvariantCulture);
    }

    public Task Execute(string sql) => Database.Source.Command(sql).Run();

    /// <summary>All rows of all tables, to see that something changed nothing.</summary>
    public async Task<string> Everything()
    {
        var lines = new List<string>();
        foreach (var table in (string[])["ledger", "session", "ended", "event", "event_log", "grain_state"])
        {
            lines.AddRange(await Database.Source.Command($"SELECT row_to_json(t)::text FROM {table} AS t ORDER BY 1").Rows(reader => $"{table}|{reader.GetString(0)}"));
        }

        return string.Join('\n', lines);
    }

    /// <summary>Waits until no transaction of the whole server is older than the events: the other tests' count, too.</summary>
    public async Task Settled()
    {
        while (await Number("SELECT count(*) FROM event WHERE tx >= pg_snapshot_xmin(pg_current_snapshot())") > 0)
        {
            await Task.Delay(5);
        }
    }

    public void Reopen()
    {
        Close();
        Open();
    }

    public void Close() => Wait(async () =>
    {
        await Writer.DisposeAsync();
        await Reader.DisposeAsync();
        await Database.DisposeAsync();
    });

    public void Dispose() => Close();

    /// <summary>The shared tests open their storage in a constructor.</summary>
    private static void Wait(Func<Task> body) => Task.Run(body).GetAwaiter().GetResult();

    private void Open() => Wait(async () =>
    {
        Database = new PostgreSqlDatabase(PostgreSqlSource.Make(_options, null), LockMode.Exclusive, _options, TimeProvider.System, NullLogger.Instance);
        Writer = new PostgreSqlWriter(Database, NullLogger.Instance);
        Reader = new PostgreSqlReader(Database);
        await Database.Start();
        await Writer.Start();
        Reader.Start();
    });
}
