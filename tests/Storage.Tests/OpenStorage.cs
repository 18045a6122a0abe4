using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using SessionCluster.Events;
using SessionCluster.Sessions;
using SessionCluster.Silo.Storage;

namespace SessionCluster.Storage.Tests;

/// <summary>A storage over real files in a temporary folder, and the rows that the tests write.</summary>
internal sealed partial class OpenStorage : IDisposable
{
    /// <summary>Counts the sessions whose columns say what their payload says.</summary>
    public const string SoundSessions =
        """
        SELECT count(*) FROM session WHERE username = payload ->> 'username' AND created = payload ->> 'created'
          AND expires = payload ->> 'expires' AND last_used = payload ->> 'last_used' AND last_ip = payload ->> 'last_ip'
          AND last_user_agent = payload ->> 'last_user_agent' AND asn IS payload ->> '$.asn.asn'
          AND country IS payload ->> '$.geo.country' AND idle_at IS last_used + (payload ->> 'idle_micros')
        """;

    private readonly SqliteOptions _options;

    private DataFolder _folder;

    public OpenStorage(SqliteOptions? options = null)
    {
        _options = options ?? new SqliteOptions();
        Path = Directory.CreateTempSubdirectory("session-cluster-storage-").FullName;
        _folder = DataFolder.Open(Path);
        Database = SqliteDatabase.Open(_folder, _options, TimeProvider.System, NullLogger.Instance);
    }

    public string Path { get; }

    public SqliteDatabase Database { get; private set; }

    public SqliteGrainStorage Storage => new(Database);

    public ISessionRows Sessions => new SqliteSessionRows(Database);

    public IEventRows Events => new SqliteEventRows(Database);

    public Task<long> Number(string sql) => Database.Points.Read(link =>
    {
        using var statement = link.Once(sql);
        return statement.Number() ?? -1;
    });

    /// <summary>All rows of all tables, to see that something changed nothing.</summary>
    public Task<string> Everything() => Database.Points.ReadAtOnce(link =>
    {
        var lines = new List<string>();
        foreach (var table in (string[])["ledger", "session", "ended", "event", "grain_state", "settled"])
        {
            using var statement = link.Once($"SELECT * FROM {table} ORDER BY 1");
            using var reader = statement.Query();
            while (reader.Read())
            {
                lines.Add(table + "|" + string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(column => Text(reader, column))));
            }
        }

        return string.Join('\n', lines);
    });

    public void Reopen()
    {
        Close();
        _folder = DataFolder.Open(Path);
        Database = SqliteDatabase.Open(_folder, _options, TimeProvider.System, NullLogger.Instance);
    }

    public void Close()
    {
        Database.Dispose();
        _folder.Dispose();
    }

    public void Dispose()
    {
        Close();
        Directory.Delete(Path, recursive: true);
    }

    private static string Text(SqliteDataReader reader, int column) => reader.GetValue(column) switch
    {
        byte[] bytes => Convert.ToHexString(bytes),
        var value => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
