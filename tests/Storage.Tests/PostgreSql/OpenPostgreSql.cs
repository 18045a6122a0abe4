using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using Orleans.Serialization;
using Orleans.Serialization.Activators;
using Orleans.Serialization.Serializers;
using SessionCluster.Silo.Hosting;
using SessionCluster.Silo.Storage;

namespace SessionCluster.Storage.Tests.PostgreSql;

/// <summary>A storage over a database of its own, in the server that all tests share unless the options name another.</summary>
internal sealed class OpenPostgreSql(PostgreSqlOptions? options = null) : OpenStorage
{
    private PostgreSqlDatabase? _database;

    private IGrainStorage? _plain;

    public PostgreSqlDatabase Database => _database!;

    public string ConnectionString => Options.Database.ConnectionString;

    public override IDatabase Opened => Database;

    /// <summary>Orleans' own provider.</summary>
    public override IGrainStorage Plain => _plain!;

    public override Action? BeforeCommit
    {
        get => throw new NotSupportedException();
        set => Database.Writer.BeforeCommit = value is null ? null : _ => value();
    }

    public override string SoundSessions =>
        """
        SELECT count(*) FROM session WHERE username = payload ->> 'username' AND created = (payload ->> 'created')::bigint
          AND expires = (payload ->> 'expires')::bigint AND last_used = (payload ->> 'last_used')::bigint
          AND last_ip = payload ->> 'last_ip' AND last_user_agent = payload ->> 'last_user_agent'
          AND asn IS NOT DISTINCT FROM (payload #>> '{asn,asn}')::bigint AND country IS NOT DISTINCT FROM payload #>> '{geo,country}'
          AND idle_at IS NOT DISTINCT FROM last_used + (payload ->> 'idle_micros')::bigint
        """;

    public override string PlanPayload => "SELECT convert_from(PayloadBinary, 'UTF8') FROM OrleansStorage";

    private PostgreSqlOptions Options { get; } = options ?? new PostgreSqlOptions();

    public override async Task Start()
    {
        if (Options.Database.ConnectionString.Length == 0)
        {
            Options.Database.ConnectionString = PostgreSqlServer.Shared.CreateDatabase() + ";Maximum Pool Size=20";
        }

        _database = new PostgreSqlDatabase(PostgreSqlSource.Make(Options, null), Options, Time, Log);
        await Database.Start();
        _plain = await PlainStates(Database.Source);
    }

    public override async Task Close()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    public override async ValueTask DisposeAsync() => await Close();

    /// <summary>A ledger that there is not, at a version that it is not at.</summary>
    public override Task WriteNothing() => Opened.Write(new LedgerChange("nobody", 99, LedgerRows.From(new Users.LedgerV1())));

    public override async Task<long> Number(string sql)
    {
        await using var command = Database.Source.Command(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync() ?? -1, CultureInfo.InvariantCulture);
    }

    public override Task<string> Text(string sql) => Database.Source.Command(sql).Value<string>();

    public override Task Execute(string sql) => Database.Source.Command(sql).Run();

    public override async Task<string> Everything()
    {
        var lines = new List<string>();
        foreach (var table in (string[])["ledger", "session", "ended", "event", "event_log", "OrleansStorage"])
        {
            lines.AddRange(await Database.Source.Command($"SELECT row_to_json(t)::text FROM {table} AS t ORDER BY 1").Rows(reader => $"{table}|{reader.GetString(0)}"));
        }

        return string.Join('\n', lines);
    }

    /// <summary>Until no transaction of the whole server is older than the events: those of the other tests count, too.</summary>
    public override async Task Settled()
    {
        while (await Number("SELECT count(*) FROM event WHERE tx >= pg_snapshot_xmin(pg_current_snapshot())") > 0)
        {
            await Task.Delay(5);
        }
    }

    public override Task<List<Guid>> Ids(string table, string column = "id") =>
        Database.Source.Command($"SELECT {column} FROM {table} ORDER BY 1").Rows(reader => reader.GetGuid(0));

    public override Task WritePlansAt(DateTimeOffset moment) => Execute($"UPDATE OrleansStorage SET ModifiedOn = '{moment:yyyy-MM-dd HH:mm:ss.ffffff}'");

    /// <summary>Orleans' provider with the options of the product, started without a silo around it.</summary>
    private static async Task<IGrainStorage> PlainStates(NpgsqlDataSource database)
    {
        var services = new ServiceCollection().AddLogging().AddSerializer().BuildServiceProvider();
        var storage = new AdoNetGrainStorage(
            services.GetRequiredService<IActivatorProvider>(),
            NullLogger<AdoNetGrainStorage>.Instance,
            Microsoft.Extensions.Options.Options.Create(new AdoNetGrainStorageOptions
            {
                Invariant = "Npgsql", DataSource = database, GrainStorageSerializer = new PlainStateSerializer(),
            }),
            Microsoft.Extensions.Options.Options.Create(new ClusterOptions { ClusterId = "tests", ServiceId = "tests" }),
            StorageServices.PlainStorage);
        var lifecycle = new SiloLifecycleSubject(NullLogger<SiloLifecycleSubject>.Instance);
        storage.Participate(lifecycle);
        await lifecycle.OnStart();
        return storage;
    }
}
