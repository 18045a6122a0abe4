using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace SessionCluster.Bench.Storage;

/// <summary>
/// The least that a durable login can be in SQLite: one thread that inserts ready rows, the waiting ones in one transaction. Same
/// tables, indexes and bytes as the product's, same journal and synchronous=FULL; nothing is decided, checked, read or serialized.
/// With separate writes it commits each row of each login by itself, as an engine does that keeps a state at a time.
/// </summary>
internal sealed class BareSqlite : IDisposable
{
    private static readonly string[] Tables = ["ledger", "session", "event"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sessioncluster-bare-");
    private readonly Channel<TaskCompletionSource> _waiting = Channel.CreateUnbounded<TaskCompletionSource>(new() { SingleReader = true });
    private readonly SqliteConnection _link;
    private readonly List<(SqliteCommand Insert, (SqliteParameter Parameter, string Column)[] Moving)> _inserts = [];
    private readonly Task _writing;
    private readonly bool _separately;
    private long _next = 1_000_000_000;

    /// <param name="model">A database of the product's in which one person has logged in: its tables and rows are copied.</param>
    /// <param name="separately">Whether each row is a commit of its own.</param>
    public BareSqlite(string model, bool separately = false)
    {
        _separately = separately;
        _link = new SqliteConnection($"Data Source={Path.Combine(_folder.FullName, "bare.db")};Pooling=False");
        _link.Open();
        Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=16000");
        Execute($"ATTACH '{model}' AS model");
        foreach (var sql in Column("SELECT sql FROM model.sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type DESC"))
        {
            Execute(sql);
        }

        Tables.ToList().ForEach(Prepare);
        Execute("DETACH model");
        _writing = Task.Factory.StartNew(Write, TaskCreationOptions.LongRunning);
    }

    /// <summary>One login's rows; returns when they are durable.</summary>
    public Task Insert()
    {
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Writer.TryWrite(waiting);
        return waiting.Task;
    }

    public void Dispose()
    {
        _waiting.Writer.Complete();
        _writing.Wait();
        _link.Dispose();
        _folder.Delete(recursive: true);
    }

    private void Prepare(string table)
    {
        using var reading = Command($"SELECT * FROM model.{table} LIMIT 1");
        using var reader = reading.ExecuteReader();
        reader.Read();
        var columns = Enumerable.Range(0, reader.FieldCount).Select(reader.GetName).ToArray();
        var row = new object[columns.Length];
        reader.GetValues(row);
        var own = columns.Where(name => name != "seq").ToArray();
        var insert = Command($"INSERT INTO {table} ({string.Join(", ", own)}) VALUES ({string.Join(", ", own.Select(name => $"${name}"))})");
        var parameters = own.Select(name => (insert.Parameters.AddWithValue($"${name}", row[Array.IndexOf(columns, name)]), name)).ToArray();
        insert.Prepare();
        _inserts.Add((insert, [.. parameters.Where(parameter => Moves(parameter.name))]));
    }

    private static bool Moves(string column) =>
        column is "user_pk" or "username" or "email" or "id" or "pk" or "session" or "last_ip" or "client_ip";

    private void Write()
    {
        var group = new List<TaskCompletionSource>();
        while (_waiting.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (_waiting.Reader.TryRead(out var waiting))
            {
                group.Add(waiting);
            }

            if (_separately)
            {
                group.ForEach(waiting =>
                {
                    InsertOne();
                    waiting.SetResult();
                });
            }
            else
            {
                Execute("BEGIN IMMEDIATE");
                group.ForEach(_ => InsertOne());
                Execute("COMMIT");
                group.ForEach(waiting => waiting.SetResult());
            }

            group.Clear();
        }
    }

    private void InsertOne()
    {
        var user = Person.Id(++_next).Value;
        var id = Guid.NewGuid().ToByteArray();
        var pk = Guid.CreateVersion7().ToByteArray(bigEndian: true);
        var ip = Person.Client(_next).Ip;
        foreach (var (insert, moving) in _inserts)
        {
            foreach (var (parameter, column) in moving)
            {
                parameter.Value = column switch
                {
                    "user_pk" => user,
                    "username" => $"jane.roe.{user}",
                    "email" => $"jane.roe.{user}@example.org",
                    "last_ip" or "client_ip" => ip,
                    "pk" => pk,
                    _ => id,
                };
            }

            insert.ExecuteNonQuery();
        }
    }

    private List<string> Column(string sql)
    {
        using var command = Command(sql);
        using var reader = command.ExecuteReader();
        var values = new List<string>();
        while (reader.Read())
        {
            values.Add(reader.GetString(0));
        }

        return values;
    }

    private void Execute(string sql)
    {
        using var command = Command(sql);
        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string sql)
    {
        var command = _link.CreateCommand();
        command.CommandText = sql;
        return command;
    }
}
