using System.Globalization;
using Microsoft.Data.Sqlite;

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
