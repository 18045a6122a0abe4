using Npgsql;
using SessionCluster.Silo.Storage;

namespace SessionCluster.Storage.Tests.PostgreSql;

/// <summary>What is made of a connection string before the server is asked anything.</summary>
public sealed class ConnectionStringTests
{
    [Theory]
    [InlineData(";Maximum Pool Size=12", 4, "Maximum Pool Size is 12")]
    [InlineData(";Maximum Pool Size=13", 4, null)]
    [InlineData(";Maximum Pool Size=1;Pooling=false", 4, null)]
    [InlineData("", 21, null)]
    [InlineData("", 22, "Storage:PostgreSql:Writers is 2, :StateReaders 2 and :ListReaders 22")]
    public async Task A_pool_that_the_writers_and_readers_would_use_up_stops_the_start(string pool, int listReaders, string? problem)
    {
        var options = new PostgreSqlOptions { Database = { ConnectionString = "Host=x" + pool }, ListReaders = listReaders };
        NpgsqlDataSource? source = null;

        var failure = Record.Exception(() => source = PostgreSqlSource.Make(options, null));

        await using var made = source;
        Assert.Equal(problem is null, failure is null);
        Assert.Contains(problem ?? "", failure?.Message ?? "", StringComparison.Ordinal);
        Assert.True(failure is null or StorageStartException);
    }

    [Theory]
    [InlineData("Connection Idle Lifetime=1")]
    [InlineData("Target Session Attributes=primary")]
    [InlineData("Minimum Pool Size=40;Maximum Pool Size=30")]
    public void What_cannot_be_had_of_a_connection_string_stops_the_start_and_names_it(string part)
    {
        var options = new PostgreSqlOptions { Database = { ConnectionString = "Host=x;Password=secret;" + part } };

        var failure = Assert.Throws<StorageStartException>(() => PostgreSqlSource.Make(options, null).Dispose());

        Assert.Contains("Storage:ConnectionString", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pool_of_at_least_more_connections_than_there_are_at_most_unless_set_makes_room_for_them()
    {
        await using var source = PostgreSqlSource.Make(new PostgreSqlOptions { Database = { ConnectionString = "Host=x;Minimum Pool Size=150" } }, null);

        Assert.Equal(150, new NpgsqlConnectionStringBuilder(source.ConnectionString).MaxPoolSize);
    }

    [Theory]
    [InlineData("", 5)]
    [InlineData("Timeout=0", 5)]
    [InlineData("Timeout=3", 3)]
    [InlineData("Timeout=60", 5)]
    public async Task A_server_that_cannot_be_reached_is_waited_for_for_five_seconds_or_less(string part, int seconds)
    {
        await using var source = PostgreSqlSource.Make(new PostgreSqlOptions { Database = { ConnectionString = "Host=x;" + part } }, null);

        Assert.Equal(seconds, new NpgsqlConnectionStringBuilder(source.ConnectionString).Timeout);
    }
}
