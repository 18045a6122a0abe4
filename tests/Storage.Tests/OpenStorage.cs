using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using SessionCluster.Events;
using SessionCluster.Geo;
using SessionCluster.Sessions;
using SessionCluster.Silo.Storage;
using SessionCluster.Users;

namespace SessionCluster.Storage.Tests;

/// <summary>A storage over real files in a temporary folder, and the rows that the tests write.</summary>
internal sealed class OpenStorage : IDisposable
{
    /// <summary>The present moment of all tests.</summary>
    public static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

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

    public static GrainId UserKey(string user) => new("user", new UserId(user).GrainKey);

    public static GrainId SessionKey(Guid id) => new("session", new SessionId(id).GrainKey);

    /// <summary>A session id whose text and blob order as the number does.</summary>
    public static Guid Id(int number) => new($"00000000-0000-4000-8000-{number:D12}");

    public static SessionV1 Session(int number, string user, Func<SessionV1, SessionV1>? change = null)
    {
        var session = new SessionV1
        {
            Id = Id(number),
            UserPk = user,
            Username = $"name-{user}",
            Email = $"{user}@example.com",
            Created = Now,
            Expires = Now.AddDays(1),
            AuthMethod = "password",
            LastIp = "192.0.2.1",
            LastUserAgent = "agent",
            LastUsed = Now,
        };
        return change is null ? session : change(session);
    }

    public static SessionV1 At(SessionV1 session, long? asn, string? country) => session with
    {
        Asn = asn is { } number ? new AsnInfo(number, "Org", "192.0.2.0/24") : null,
        Geo = country is null ? null : new GeoInfo(1.5, 2.5, "City", country, "EU"),
    };

    public static EndedV1 Ended(int number, long revision, EndReason reason = EndReason.LoggedOut) =>
        new() { Id = Id(number), Reason = reason, Revision = revision, EndedAt = Now };

    public static EventV1 Event(int number, string user, Func<EventV1, EventV1>? change = null)
    {
        var entry = new EventV1
        {
            Pk = Id(number),
            Action = EventActions.Login,
            UserPk = user,
            Username = $"name-{user}",
            Email = $"{user}@example.com",
            Name = "Full Name",
            ClientIp = "192.0.2.1",
            Session = Id(number),
            Created = Now,
            Context = """{"auth_method":"password"}""",
        };
        return change is null ? entry : change(entry);
    }

    /// <summary>Reads a user's ledger and writes it back with a change.</summary>
    public async Task<GrainState<LedgerV1>> Change(string user, Func<LedgerV1, LedgerV1> change)
    {
        var row = await ReadLedger(user);
        row.State = change(row.State with { Revision = row.State.Revision + 1 });
        await Storage.WriteStateAsync(LedgerV1.StateName, UserKey(user), row);
        return row;
    }

    public Task Bear(string user, params SessionV1[] sessions) => Change(user, ledger => ledger with { Born = [.. sessions] });

    public async Task<GrainState<LedgerV1>> ReadLedger(string user)
    {
        var row = new GrainState<LedgerV1>(new LedgerV1());
        await Storage.ReadStateAsync(LedgerV1.StateName, UserKey(user), row);
        return row;
    }

    public async Task<GrainState<SessionV1>> ReadSession(int number)
    {
        var row = new GrainState<SessionV1>(new SessionV1());
        await Storage.ReadStateAsync(SessionV1.StateName, SessionKey(Id(number)), row);
        return row;
    }

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

/// <summary>A state as the engine holds it.</summary>
internal sealed class GrainState<T>(T state) : IGrainState<T>
{
    public T State { get; set; } = state;

    public string? ETag { get; set; }

    public bool RecordExists { get; set; }
}
