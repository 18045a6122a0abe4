using System.Globalization;
using Microsoft.Data.Sqlite;
using Orleans.Runtime;
using Orleans.Storage;

namespace SessionCluster.Bench.Stock;

/// <summary>
/// A storage of Orleans' kind over SQLite: a table of states by key, a commit for each write, synchronous=FULL. Orleans has none of
/// its own; this is the least that one can be.
/// </summary>
internal sealed class SqliteRows : IGrainStorage, IDisposable
{
    private readonly IGrainStorageSerializer _serializer;
    private readonly Lock _lock = new();
    private readonly SqliteConnection _link;
    private readonly SqliteCommand _read;
    private readonly SqliteCommand _write;

    public SqliteRows(string file, IGrainStorageSerializer serializer)
    {
        _serializer = serializer;
        _link = new SqliteConnection($"Data Source={file};Pooling=False");
        _link.Open();
        using var schema = Command(
            """
            PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=16000;
            CREATE TABLE state (key TEXT PRIMARY KEY, version INTEGER NOT NULL, payload BLOB NOT NULL) WITHOUT ROWID
            """);
        schema.ExecuteNonQuery();
        _read = Command("SELECT payload, version FROM state WHERE key = $key", "$key");
        _write = Command(
            """
            INSERT INTO state VALUES ($key, 1, $payload)
            ON CONFLICT (key) DO UPDATE SET version = version + 1, payload = excluded.payload WHERE version = $version
            RETURNING version
            """,
            "$key",
            "$payload",
            "$version");
    }

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        lock (_lock)
        {
            _read.Parameters[0].Value = $"{stateName}|{grainId}";
            using var reader = _read.ExecuteReader();
            if (reader.Read())
            {
                grainState.State = _serializer.Deserialize<T>(BinaryData.FromBytes(reader.GetFieldValue<byte[]>(0)));
                grainState.ETag = reader.GetInt64(1).ToString(CultureInfo.InvariantCulture);
                grainState.RecordExists = true;
            }
        }

        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var payload = _serializer.Serialize(grainState.State).ToArray();
        lock (_lock)
        {
            _write.Parameters[0].Value = $"{stateName}|{grainId}";
            _write.Parameters[1].Value = payload;
            _write.Parameters[2].Value = grainState.ETag is { } etag ? long.Parse(etag, CultureInfo.InvariantCulture) : DBNull.Value;
            grainState.ETag = _write.ExecuteScalar() is long version
                ? version.ToString(CultureInfo.InvariantCulture)
                : throw new InconsistentStateException("Another version.");
        }

        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => throw new NotSupportedException();

    public void Dispose()
    {
        _read.Dispose();
        _write.Dispose();
        _link.Dispose();
    }

    private SqliteCommand Command(string text, params string[] parameters)
    {
        var command = _link.CreateCommand();
        command.CommandText = text;
        foreach (var name in parameters)
        {
            command.Parameters.AddWithValue(name, DBNull.Value);
        }

        return command;
    }
}
