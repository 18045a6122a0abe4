using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using SessionCluster.Silo.Storage;

namespace SessionCluster.Storage.Tests;

public sealed class DataFolderTests : IDisposable
{
    private readonly string _temp = Directory.CreateTempSubdirectory("session-cluster-folder-").FullName;

    public void Dispose() => Directory.Delete(_temp, recursive: true);

    [Fact]
    public void A_missing_folder_is_made_for_its_user_alone()
    {
        using var folder = DataFolder.Open(Path.Combine(_temp, "a", "b"));

        Assert.True(Directory.Exists(folder.Path));
        Assert.False(folder.OpenToOthers);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder.Path));
        }
    }

    [Fact]
    public void A_folder_that_was_there_keeps_its_mode_and_its_files_are_their_users_alone()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var path = Path.Combine(_temp, "shared");
        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;
        Directory.CreateDirectory(path, Mode);

        using var folder = DataFolder.Open(path);
        using var database = SqliteDatabase.Open(folder, new SqliteOptions(), TimeProvider.System, NullLogger.Instance);

        Assert.True(folder.OpenToOthers);
        Assert.Equal(Mode, File.GetUnixFileMode(path));
        foreach (var file in Directory.GetFiles(path))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public void A_second_opener_is_refused_until_the_first_has_closed_it()
    {
        var first = DataFolder.Open(_temp);

        var refused = Assert.Throws<DataFolderException>(() => DataFolder.Open(_temp));

        Assert.Contains(_temp, refused.Message, StringComparison.Ordinal);
        Assert.Contains("Data:Path", refused.Message, StringComparison.Ordinal);
        Assert.Contains("in use by another process", refused.Message, StringComparison.Ordinal);
        first.Dispose();
        DataFolder.Open(_temp).Dispose();
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_refused_by_name()
    {
        var file = Path.Combine(_temp, "file");
        File.WriteAllText(file, "");

        var refused = Assert.Throws<DataFolderException>(() => DataFolder.Open(Path.Combine(file, "data")));

        Assert.Contains(file, refused.Message, StringComparison.Ordinal);
        Assert.Contains("Data:Path", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_whose_lock_file_cannot_be_written_is_refused_by_name()
    {
        Directory.CreateDirectory(Path.Combine(_temp, "lock"));

        var refused = Assert.Throws<DataFolderException>(() => DataFolder.Open(_temp));

        Assert.Contains("not writable", refused.Message, StringComparison.Ordinal);
        Assert.Contains(_temp, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused_by_name()
    {
        using var folder = DataFolder.Open(_temp);
        File.WriteAllText(folder.FileNamed(SqliteDatabase.FileName), new string('x', 5000));

        var refused = Assert.Throws<DataFolderException>(() => Open(folder));

        Assert.Contains(folder.FileNamed(SqliteDatabase.FileName), refused.Message, StringComparison.Ordinal);
        Assert.Contains("not a database", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_database_of_a_newer_program_is_refused_and_not_changed()
    {
        using var folder = DataFolder.Open(_temp);
        Open(folder).Dispose();
        Run(folder, "INSERT INTO schema_script VALUES (999, '999-later.sql', 0)");

        var refused = Assert.Throws<StorageStartException>(() => Open(folder));

        Assert.Contains("has schema 999", refused.Message, StringComparison.Ordinal);
        Run(folder, "DELETE FROM schema_script WHERE number = 999");
        Open(folder).Dispose();
    }

    [Fact]
    public void Scripts_are_applied_once_each_in_order_and_one_that_fails_leaves_nothing()
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_temp, "x.db")};Pooling=False");
        connection.Open();
        var now = OpenStorage.Now;
        SchemaScript first = new(1, "001-a.sql", "CREATE TABLE a (n INTEGER); INSERT INTO a VALUES (1);");
        SchemaScript second = new(2, "002-b.sql", "INSERT INTO a VALUES (2);");
        SchemaScript broken = new(3, "003-c.sql", "INSERT INTO a VALUES (3); INSERT INTO missing VALUES (1);");

        SqliteSchema.Apply(connection, [first], now);
        SqliteSchema.Apply(connection, [first, second], now);
        Assert.Throws<SqliteException>(() => SqliteSchema.Apply(connection, [first, second, broken], now));

        Assert.Equal("1,2", Text(connection, "SELECT group_concat(n) FROM a"));
        Assert.Equal("1,2", Text(connection, "SELECT group_concat(number) FROM schema_script"));
    }

    [Fact]
    public void A_database_of_the_scripts_before_is_brought_up_to_date_and_keeps_its_rows()
    {
        using var folder = DataFolder.Open(_temp);
        using (var connection = new SqliteConnection($"Data Source={folder.FileNamed(SqliteDatabase.FileName)};Pooling=False"))
        {
            connection.Open();
            SqliteSchema.Apply(connection, [.. SqliteSchema.Scripts.Take(2)], OpenStorage.Now);
            using var insert = connection.CreateCommand();
            insert.CommandText =
                """
                INSERT INTO session (id, version, user_pk, username, created, expires, last_used, last_ip, last_user_agent, payload)
                VALUES (x'00', 1, 'a', 'jane', 1, 2, 1, '192.0.2.1', 'agent', '{}')
                """;
            insert.ExecuteNonQuery();
        }

        Open(folder).Dispose();

        using var upgraded = new SqliteConnection($"Data Source={folder.FileNamed(SqliteDatabase.FileName)};Pooling=False");
        upgraded.Open();
        Assert.Equal("jane", Text(upgraded, "SELECT username FROM session INDEXED BY session_by_last_user_agent WHERE last_user_agent = 'agent' AND expires > 1"));
        Assert.Equal("last_user_agent,expires,id", Text(upgraded, "SELECT group_concat(name) FROM pragma_index_info('session_by_last_user_agent')"));
        Assert.Equal($"{SqliteSchema.Scripts.Count}", Text(upgraded, "SELECT CAST(max(number) AS TEXT) FROM schema_script"));
    }

    [Fact]
    public void The_scripts_of_the_program_are_numbered_from_one_without_a_gap() =>
        Assert.Equal(Enumerable.Range(1, SqliteSchema.Scripts.Count), SqliteSchema.Scripts.Select(script => script.Number));

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
        using var folder = DataFolder.Open(_temp);
        var options = new SqliteOptions { QueueLimit = queue, GroupLimit = group, PointReaders = points, ListReaders = lists, LogPages = log };

        var refused = Assert.Throws<DataFolderException>(
            () => SqliteDatabase.Open(folder, options, TimeProvider.System, NullLogger.Instance));

        Assert.Contains($"Storage:Sqlite:{name}", refused.Message, StringComparison.Ordinal);
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
