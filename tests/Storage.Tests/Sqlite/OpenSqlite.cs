using System.Globalization;
using Microsoft.Data.Sqlite;
using SessionCluster.Silo.Storage;

namespace SessionCluster.Storage.Tests.Sqlite;

/// <summary>A storage over real files in a folder of its own.</summary>
internal sealed class OpenSqlite(SqliteOptions? options = null, string? path = null) : OpenStorage
{
    private readonly TempFolder _temp = new();

    private DataFolder? _folder;

    private SqliteDatabase? _database;

    public string Path => path ?? _temp.Path;

    public SqliteDatabase Database => _database!;

    public override IDatabase Opened => Database;

    public override IGrainStorage Plain => Storage;

    public override Action? BeforeCommit
    {
        get => Database.Writer.BeforeCommit;
        set => Database.Writer.BeforeCommit = value;
    }

    public override string SoundSessions =>
        """
        SELECT count(*) FROM session WHERE username = payload ->> 'username' AND created = payload ->> 'created'
          AND expires = payload ->> 'expires' AND last_used = payload ->> 'last_used' AND last_ip = payload ->> 'last_ip'
          AND last_user_agent = payload ->> 'last_user_agent' AND asn IS payload ->> '$.asn.asn'
          AND country IS payload ->> '$.geo.country' AND idle_at IS last_used + (payload ->> 'idle_micros')
        """;

    public override string PlanPayload => "SELECT payload FROM grain_state";

    public override Task Start()
    {
        _folder = DataFolder.Open(Path);
        _database = SqliteDatabase.Open(_folder, options ?? new SqliteOptions(), Time, Log);
        return Task.CompletedTask;
    }

    public override Task Close()
    {
        _database?.Dispose();
        _folder?.Dispose();
        return Task.CompletedTask;
    }

    public override async ValueTask DisposeAsync()
    {
        await Close();
        _temp.Dispose();
    }

    public override Task WriteNothing() => Probe.Write();

    public override Task<long> Number(string sql) => Database.Points.Read(link =>
    {
        using var statement = link.Once(sql);
        return statement.Number() ?? -1;
    });

    public override async Task<string> Text(string sql) => (await Opened.Rows(sql, [], row => row.GetString(0)))[0];

    public override Task Execute(string sql) => Database.Writer.Write(link =>
    {
        using var statement = link.Once(sql);
        return statement.Execute();
    });

    public override Task<string> Everything() => Database.Points.ReadAtOnce(link =>
    {
        var lines = new List<string>();
        foreach (var table in (string[])["ledger", "session", "ended", "event", "grain_state"])
        {
            using var statement = link.Once($"SELECT * FROM {table} ORDER BY 1");
            using var reader = statement.Query();
            while (reader.Read())
            {
                lines.Add(table + "|" + string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(column => Value(reader, column))));
            }
        }

        return string.Join('\n', lines);
    });

    public override Task Settled() => Task.CompletedTask;

    public override Task<List<Guid>> Ids(string table, string column = "id") =>
        Opened.Rows($"SELECT {column} FROM {table} ORDER BY 1", [], row => SqlDialect.Sqlite.ReadId(row, 0));

    public override Task WritePlansAt(DateTimeOffset moment) => Execute($"UPDATE grain_state SET modified = {UnixMicros.From(moment)}");

    private static string Value(SqliteDataReader reader, int column) => reader.GetValue(column) switch
    {
        byte[] bytes => Convert.ToHexString(bytes),
        var value => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
