using System.Globalization;
using Microsoft.Data.Sqlite;

namespace SessionCluster.Silo.Storage;

/// <summary>One prepared statement. Parameters are numbered: ?1, ?2 ...</summary>
internal sealed class Statement : IDisposable
{
    private readonly SqliteCommand _command;

    public Statement(SqliteConnection connection, string sql)
    {
        _command = connection.CreateCommand();
        _command.CommandText = sql;
    }

    /// <summary>Runs it; how many rows it changed.</summary>
    public int Execute(params ReadOnlySpan<object?> values)
    {
        Bind(values);
        return _command.ExecuteNonQuery();
    }

    /// <summary>Runs it; the caller disposes the reader, which frees the statement for its next run.</summary>
    public SqliteDataReader Query(params ReadOnlySpan<object?> values)
    {
        Bind(values);
        return _command.ExecuteReader();
    }

    /// <summary>The first column of the first row as a number; null when there is no row or it is null.</summary>
    public long? Number(params ReadOnlySpan<object?> values)
    {
        using var reader = Query(values);
        return reader.Read() && !reader.IsDBNull(0) ? reader.GetInt64(0) : null;
    }

    public void Dispose() => _command.Dispose();

    private void Bind(ReadOnlySpan<object?> values)
    {
        for (var index = 0; index < values.Length; index++)
        {
            var value = values[index] ?? DBNull.Value;
            if (index < _command.Parameters.Count)
            {
                _command.Parameters[index].Value = value;
            }
            else
            {
                _command.Parameters.AddWithValue(string.Create(CultureInfo.InvariantCulture, $"?{index + 1}"), value);
            }
        }
    }
}
