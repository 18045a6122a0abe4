using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// One statement, prepared when it first runs. Parameters are numbered: ?1, ?2 ... Queries run as commands of Microsoft.Data.Sqlite;
/// changes do not, because a command looks each parameter up by its name at each run, which is most of what it costs.
/// </summary>
internal sealed class Statement(SqliteConnection connection, string sql) : IDisposable
{
    private SqliteChange? _change;

    private SqliteCommand? _query;

    /// <summary>Runs it; how many rows it changed.</summary>
    /// <exception cref="SqliteException">It failed.</exception>
    public int Execute(params ReadOnlySpan<object?> values) => (_change ??= new SqliteChange(connection, sql)).Run(values);

    /// <summary>Runs it; the caller disposes the reader, which frees the statement for its next run.</summary>
    /// <exception cref="SqliteException">It failed.</exception>
    public SqliteDataReader Query(params ReadOnlySpan<object?> values)
    {
        _query ??= NewQuery(values.Length);
        for (var index = 0; index < values.Length; index++)
        {
            _query.Parameters[index].Value = values[index] ?? DBNull.Value;
        }

        return _query.ExecuteReader();
    }

    /// <summary>The first column of the first row as a number; null when there is no row or it is null.</summary>
    public long? Number(params ReadOnlySpan<object?> values)
    {
        using var reader = Query(values);
        return reader.Read() && !reader.IsDBNull(0) ? reader.GetInt64(0) : null;
    }

    public void Dispose()
    {
        _change?.Dispose();
        _query?.Dispose();
    }

    private SqliteCommand NewQuery(int parameters)
    {
        var query = connection.CreateCommand();
        query.CommandText = sql;
        for (var number = 1; number <= parameters; number++)
        {
            query.Parameters.AddWithValue(string.Create(CultureInfo.InvariantCulture, $"?{number}"), DBNull.Value);
        }

        return query;
    }
}

/// <summary>
/// One prepared statement that answers no rows, bound by number. It waits for a lock of another process as long as its connection's
/// busy timeout says.
/// </summary>
internal sealed class SqliteChange : IDisposable
{
    private readonly sqlite3 _database;

    private readonly sqlite3_stmt _statement;

    private readonly int _parameters;

    /// <summary>Texts on their way into the database, which copies them.</summary>
    private byte[] _text = new byte[512];

    /// <exception cref="SqliteException">The text is not a valid statement.</exception>
    /// <exception cref="ArgumentException">It goes on after its first statement, where SQLite would stop.</exception>
    public SqliteChange(SqliteConnection connection, string sql)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v3(_database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement, out var rest));
        if (!string.IsNullOrWhiteSpace(rest))
        {
            _statement.Dispose();
            throw new ArgumentException("The text is more than one statement.", nameof(sql));
        }

        _parameters = raw.sqlite3_bind_parameter_count(_statement);
    }

    /// <summary>Runs it; how many rows it changed. Values are null, texts, whole numbers and blobs.</summary>
    /// <exception cref="ArgumentException">Other values than the statement has parameters, or one that cannot be bound.</exception>
    /// <exception cref="SqliteException">It failed.</exception>
    public int Run(ReadOnlySpan<object?> values)
    {
        if (values.Length != _parameters)
        {
            throw new ArgumentException($"The statement has {_parameters} parameters, not {values.Length}.", nameof(values));
        }

        for (var index = 0; index < values.Length; index++)
        {
            Check(Bind(index + 1, values[index]));
        }

        try
        {
            var code = raw.sqlite3_step(_statement);
            if (code == raw.SQLITE_ROW)
            {
                throw new InvalidOperationException("The statement answers rows: it is a query.");
            }

            Check(code);
            return raw.sqlite3_changes(_database);
        }
        finally
        {
            // It answers once more what the step answered.
            _ = raw.sqlite3_reset(_statement);
        }
    }

    public void Dispose() => _statement.Dispose();

    private int Bind(int number, object? value) => value switch
    {
        null => raw.sqlite3_bind_null(_statement, number),
        string text => BindText(number, text),
        long whole => raw.sqlite3_bind_int64(_statement, number, whole),
        int whole => raw.sqlite3_bind_int(_statement, number, whole),
        byte[] blob => raw.sqlite3_bind_blob(_statement, number, blob),
        _ => throw new ArgumentException($"A {value.GetType()} cannot be bound.", nameof(value)),
    };

    private int BindText(int number, string text)
    {
        var longest = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (_text.Length < longest)
        {
            _text = new byte[longest];
        }

        return raw.sqlite3_bind_text(_statement, number, _text.AsSpan(0, Encoding.UTF8.GetBytes(text, _text)));
    }

    private void Check(int code) => SqliteException.ThrowExceptionForRC(code, _database);
}
