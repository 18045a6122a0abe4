using System.Diagnostics.CodeAnalysis;

namespace SessionCluster.Silo.Storage;

/// <summary>Commands with numbered parameters: $1, $2 ...</summary>
internal static class PostgreSqlCommands
{
    public static NpgsqlCommand Command(this NpgsqlDataSource source, string sql, params ReadOnlySpan<object?> values) =>
        Bind(source.CreateCommand(sql), values);

    public static NpgsqlCommand Command(this NpgsqlConnection connection, string sql, params ReadOnlySpan<object?> values) =>
        Bind(new NpgsqlCommand(sql, connection), values);

    /// <summary>
    /// The text with U+FFFD for half a character, which stands where a text was cut within one. Npgsql would throw for it, and so for all
    /// that goes in the same statement; SQLite and our JSON do this themselves.
    /// </summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Sound(this string? text) => text is null || text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0
        ? text
        : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    /// <summary>For the start, which may have to wait for another process or for a large table.</summary>
    public static NpgsqlCommand Unhurried(this NpgsqlCommand command)
    {
        command.CommandTimeout = 0;
        return command;
    }

    /// <summary>Whether a connection is still one. It has five seconds to say so: less than a write waits to be sent.</summary>
    public static async Task<bool> Answers(this NpgsqlConnection connection)
    {
        try
        {
            var question = connection.Command("SELECT 1");
            question.CommandTimeout = 5;
            return await question.Value<int>() == 1;
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException)
        {
            return false;
        }
    }

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
    public static async Task<int> Run(this NpgsqlCommand command, CancellationToken cancellationToken = default)
    {
        await using (command)
        {
            return await command.ExecuteNonQueryAsync(cancellationToken);
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
            command.Parameters.Add(new NpgsqlParameter { Value = (value is string text ? text.Sound() : value) ?? DBNull.Value });
        }

        return command;
    }
}
