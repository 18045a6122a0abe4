using Npgsql;

namespace SessionCluster.Silo.Storage;

/// <summary>Commands with numbered parameters: $1, $2 ...</summary>
internal static class PostgreSqlCommands
{
    public static NpgsqlCommand Command(this NpgsqlDataSource source, string sql, params ReadOnlySpan<object?> values) =>
        Bind(source.CreateCommand(sql), values);

    public static NpgsqlCommand Command(this NpgsqlConnection connection, string sql, params ReadOnlySpan<object?> values) =>
        Bind(new NpgsqlCommand(sql, connection), values);

    /// <summary>For the start, which may have to wait for another process or for a large table.</summary>
    public static NpgsqlCommand Unhurried(this NpgsqlCommand command)
    {
        command.CommandTimeout = 0;
        return command;
    }

    /// <summary>Reads all rows of one statement.</summary>
    public static async Task<List<T>> Rows<T>(this NpgsqlCommand command, Func<NpgsqlDataReader, T> read)
    {
        var rows = new List<T>();
        await using (command)
        {
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                rows.Add(read(reader));
            }
        }

        return rows;
    }

    /// <summary>How many rows it changed.</summary>
    public static async Task<int> Run(this NpgsqlCommand command)
    {
        await using (command)
        {
            return await command.ExecuteNonQueryAsync();
        }
    }

    public static async Task<T> Value<T>(this NpgsqlCommand command)
    {
        await using (command)
        {
            return (T)(await command.ExecuteScalarAsync())!;
        }
    }

    private static NpgsqlCommand Bind(NpgsqlCommand command, ReadOnlySpan<object?> values)
    {
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        }

        return command;
    }
}
