using SessionCluster.Silo.Storage;

namespace SessionCluster.Storage.Tests.Sqlite;

public sealed class ReadersTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("session-cluster-readers-");

    public ReadersTests() => SqliteLink.OpenWriter(File, new SqliteOptions()).Dispose();

    private string File => Path.Combine(_folder.FullName, "things.db");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_read_for_which_no_connection_comes_free_in_time_is_refused_and_later_ones_are_not()
    {
        using var readers = new SqliteReaders(File, 1, TimeSpan.FromMilliseconds(50), isLong: true);
        using var release = new ManualResetEventSlim();
        var running = readers.Read(_ => release.Wait(TimeSpan.FromSeconds(30)));

        var refused = await Assert.ThrowsAsync<StorageUnavailableException>(() => readers.Read(_ => 1));
        release.Set();

        Assert.False(refused.OutcomeUnknown);
        Assert.StartsWith("The storage (sqlite) cannot be read: All 1 connections", refused.Message, StringComparison.Ordinal);
        Assert.True(await running);
        Assert.Equal(1, await readers.Read(_ => 1));
    }

    [Fact]
    public async Task A_read_that_may_take_seconds_holds_up_no_thread_of_the_pool()
    {
        using var lists = new SqliteReaders(File, 1, TimeSpan.FromSeconds(10), isLong: true);

        Assert.False(await lists.Read(_ => Thread.CurrentThread.IsThreadPoolThread));
        await Assert.ThrowsAsync<InvalidOperationException>(() => lists.Read<int>(_ => throw new InvalidOperationException()));
        Assert.Equal(1, await lists.Read(_ => 1));
    }
}
