using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using SessionCluster.Settings;
using SessionCluster.Silo.Storage;

namespace SessionCluster.Storage.Tests.Sqlite;

public sealed class StartTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void A_database_of_a_newer_program_is_refused_and_not_changed()
    {
        using var folder = DataFolder.Open(_temp.Path);
        Open(folder).Dispose();
        Run(folder, "INSERT INTO schema_script VALUES (999, '999-later.sql', 0)");

        var refused = Assert.Throws<StorageStartException>(() => Open(folder));

        Assert.Contains("has schema 999", refused.Message, StringComparison.Ordinal);
        Run(folder, "DELETE FROM schema_script WHERE number = 999");
        Open(folder).Dispose();
    }

    /// <summary>FULL is 2. What a commit has not brought to the disk could be lost in a power cut, which no test can make.</summary>
    [Fact]
    public void A_commit_is_on_the_disk_before_it_is_answered()
    {
        using var folder = DataFolder.Open(_temp.Path);
        Open(folder).Dispose();
        using var link = SqliteLink.OpenWriter(folder.FileNamed(SqliteDatabase.FileName), new SqliteOptions());

        Assert.Equal("2 wal 1", Text(link.Connection, "SELECT (SELECT synchronous FROM pragma_synchronous) || ' ' || (SELECT journal_mode FROM pragma_journal_mode) || ' ' || (SELECT fullfsync FROM pragma_fullfsync)"));
    }

    [Fact]
    public async Task Scripts_are_applied_once_each_in_order_and_one_that_fails_leaves_nothing()
    {
        using var connection = new SqliteConnection($"Data Source={_temp.In("x.db")};Pooling=False");
        connection.Open();
        SchemaScript first = new(1, "001-a.sql", "CREATE TABLE a (n INTEGER); INSERT INTO a VALUES (1);");
        SchemaScript second = new(2, "002-b.sql", "INSERT INTO a VALUES (2);");
        SchemaScript broken = new(3, "003-c.sql", "INSERT INTO a VALUES (3); INSERT INTO missing VALUES (1);");

        await SchemaRunner.Apply(connection, [first], Rows.Now, "x");
        await SchemaRunner.Apply(connection, [first, second], Rows.Now, "x");
        await Assert.ThrowsAsync<SqliteException>(() => SchemaRunner.Apply(connection, [first, second, broken], Rows.Now, "x"));

        Assert.Equal("1,2", Text(connection, "SELECT group_concat(n) FROM a"));
        Assert.Equal("1,2", Text(connection, "SELECT group_concat(number) FROM schema_script"));
    }

    [Fact]
    public void The_scripts_of_the_program_are_numbered_from_one_without_a_gap() =>
        Assert.Equal(Enumerable.Range(1, SqliteDatabase.Scripts.Count), SqliteDatabase.Scripts.Select(script => script.Number));

    [Theory]
    [InlineData(0, 1, 1, 1, 100, "QueueLimit")]
    [InlineData(1, 0, 1, 1, 100, "GroupLimit")]
    [InlineData(1, 10_001, 1, 1, 100, "GroupLimit")]
    [InlineData(1, 1, 0, 1, 100, "PointReaders")]
    [InlineData(1, 1, 1, 0, 100, "ListReaders")]
    [InlineData(1, 1, 1, 1, 99, "LogPages")]
    [InlineData(1, 1, 1, 1, 1_000_001, "LogPages")]
    public void An_option_out_of_range_is_refused_by_name(int queue, int group, int points, int lists, int log, string name)
    {
        var options = new SqliteOptions { QueueLimit = queue, GroupLimit = group, PointReaders = points, ListReaders = lists, LogPages = log };

        var found = new OptionsCheck<SqliteOptions>(SqliteOptions.Section).Validate(null, options);

        Assert.Contains($"Storage:Sqlite:{name}", found.FailureMessage, StringComparison.Ordinal);
    }

    private static SqliteDatabase Open(DataFolder folder) =>
        SqliteDatabase.Open(folder, new SqliteOptions(), TimeProvider.System, NullLogger.Instance);

    private static void Run(DataFolder folder, string sql)
    {
        using var link = SqliteLink.OpenWriter(folder.FileNamed(SqliteDatabase.FileName), new SqliteOptions());
        link.Prepared(sql).Execute();
    }

    private static string Text(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (string)command.ExecuteScalar()!;
    }
}
