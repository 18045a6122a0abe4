using Microsoft.Extensions.Logging.Abstractions;
using SessionCluster.Silo.Storage;

namespace SessionCluster.Storage.Tests.Sqlite;

public sealed class DataFolderTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void A_missing_folder_is_made_for_its_user_alone()
    {
        using var folder = DataFolder.Open(Path.Combine(_temp.Path, "a", "b"));

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

        var path = Path.Combine(_temp.Path, "shared");
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
        var first = DataFolder.Open(_temp.Path);

        var refused = Assert.Throws<StorageStartException>(() => DataFolder.Open(_temp.Path));

        Assert.Contains(_temp.Path, refused.Message, StringComparison.Ordinal);
        Assert.Contains("Data:Path", refused.Message, StringComparison.Ordinal);
        Assert.Contains("in use by another process", refused.Message, StringComparison.Ordinal);
        first.Dispose();
        DataFolder.Open(_temp.Path).Dispose();
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_refused_by_name()
    {
        var file = Path.Combine(_temp.Path, "file");
        File.WriteAllText(file, "");

        var refused = Assert.Throws<StorageStartException>(() => DataFolder.Open(Path.Combine(file, "data")));

        Assert.Contains(file, refused.Message, StringComparison.Ordinal);
        Assert.Contains("Data:Path", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_whose_lock_file_cannot_be_written_is_refused_by_name()
    {
        Directory.CreateDirectory(Path.Combine(_temp.Path, "lock"));

        var refused = Assert.Throws<StorageStartException>(() => DataFolder.Open(_temp.Path));

        Assert.Contains("not writable", refused.Message, StringComparison.Ordinal);
        Assert.Contains(_temp.Path, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused_by_name()
    {
        using var folder = DataFolder.Open(_temp.Path);
        File.WriteAllText(folder.FileNamed(SqliteDatabase.FileName), new string('x', 5000));

        var refused = Assert.Throws<StorageStartException>(() => Open(folder));

        Assert.Contains(folder.FileNamed(SqliteDatabase.FileName), refused.Message, StringComparison.Ordinal);
        Assert.Contains("not a database", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>In a copy by another user only some files may belong to this one. For root, which may write to any file, a folder stands for one.</summary>
    [Theory]
    [InlineData("sessions.db-wal")]
    [InlineData("sessions.db-shm")]
    public void A_log_that_cannot_be_written_to_is_refused_by_name_and_no_backup_is_asked_for(string name)
    {
        using var folder = DataFolder.Open(_temp.Path);
        Open(folder).Dispose();
        Directory.CreateDirectory(folder.FileNamed(name));

        var refused = Assert.Throws<StorageStartException>(() => Open(folder));

        Assert.Contains($"{folder.FileNamed(name)} is not writable", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("backup", refused.Message, StringComparison.Ordinal);
    }

    private static SqliteDatabase Open(DataFolder folder) =>
        SqliteDatabase.Open(folder, new SqliteOptions(), TimeProvider.System, NullLogger.Instance);
}
