using SessionCluster.Silo.Storage;
using static SessionCluster.Storage.Tests.Rows;

namespace SessionCluster.Storage.Tests.Sqlite;

public sealed class CheckpointerTests : IAsyncLifetime
{
    private const int LogPages = 1_000;

    private const int PageSize = 4_096;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly OpenSqlite _open = new(new SqliteOptions { LogPages = LogPages });

    private int _written;

    private string Log => Path.Combine(_open.Path, SqliteDatabase.FileName + "-wal");

    public Task InitializeAsync() => _open.Start();

    public async Task DisposeAsync() => await _open.DisposeAsync();

    [Fact]
    public async Task The_log_begins_anew_before_a_commit_would_have_to_fold_it()
    {
        await Write(10);
        var first = Beginning();

        await WriteUntil(() => Beginning() != first);

        Assert.InRange(LogLength(), 0, (4 * LogPages) - 1);
        Assert.Equal(_written, await _open.Number("SELECT count(*) FROM session"));
    }

    [Fact]
    public async Task A_reader_of_an_older_moment_holds_up_no_write_and_what_it_held_back_is_folded_after_it()
    {
        await Write(10);
        var first = Beginning();
        using (var reader = SqliteLink.OpenReader(Path.Combine(_open.Path, SqliteDatabase.FileName)))
        {
            reader.Prepared("BEGIN").Execute();
            Assert.Equal(10, reader.Prepared("SELECT count(*) FROM session").Number());

            await WriteUntil(() => LogLength() > 2 * LogPages);

            Assert.Equal(first, Beginning());
            Assert.Equal(10, reader.Prepared("SELECT count(*) FROM session").Number());
            reader.Prepared("COMMIT").Execute();
        }

        await WriteUntil(() => Beginning() != first);

        Assert.Equal(_written, await _open.Number("SELECT count(*) FROM session"));
        Assert.Equal(1, await _open.Number("SELECT integrity_check = 'ok' FROM pragma_integrity_check"));
    }

    [Fact]
    public async Task After_many_logins_and_a_quiet_moment_the_log_is_empty_and_nothing_is_lost()
    {
        await WriteUntil(() => LogLength() > LogPages);

        await Poll.Until(() => Task.FromResult(LogLength() == 0));

        await Write(1);
        Assert.InRange(LogLength(), 1, LogPages);
        Assert.Equal(_written, await _open.Number("SELECT count(*) FROM session"));
        Assert.Equal(1, await _open.Number("SELECT integrity_check = 'ok' FROM pragma_integrity_check"));
    }

    [Fact]
    public async Task After_many_logins_the_log_is_cut_while_a_few_logins_a_second_go_on()
    {
        await WriteUntil(() => LogLength() > LogPages);
        using var patience = new CancellationTokenSource(Patience);

        while (LogLength() > LogPages / 4)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(300), patience.Token);
            await Write(1);
        }

        Assert.Equal(_written, await _open.Number("SELECT count(*) FROM session"));
    }

    [Fact]
    public async Task A_reader_of_an_older_moment_puts_off_the_cutting_of_the_log_and_no_write()
    {
        using (var reader = SqliteLink.OpenReader(Path.Combine(_open.Path, SqliteDatabase.FileName)))
        {
            await Write(10);
            reader.Prepared("BEGIN").Execute();
            Assert.Equal(10, reader.Prepared("SELECT count(*) FROM session").Number());
            await WriteUntil(() => LogLength() > LogPages);
            await Task.Delay(3 * SqliteCheckpointer.QuietMoment);

            Assert.True(LogLength() > LogPages);
            Assert.Equal(10, reader.Prepared("SELECT count(*) FROM session").Number());
            await Write(1);
            reader.Prepared("COMMIT").Execute();
        }

        await Poll.Until(() => Task.FromResult(LogLength() == 0));

        Assert.Equal(_written, await _open.Number("SELECT count(*) FROM session"));
    }

    private async Task WriteUntil(Func<bool> done)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!done())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Write(10);
        }
    }

    private async Task Write(int logins)
    {
        for (var login = 0; login < logins; login++)
        {
            var number = ++_written;
            await _open.Create($"user-{number}", Session(number, $"user-{number}"));
        }
    }

    /// <summary>The salt in the log's header: another one each time that it begins anew. None in a log that a quiet moment has cut.</summary>
    private uint? Beginning()
    {
        using var file = new FileStream(Log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Span<byte> header = stackalloc byte[32];
        if (file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length)
        {
            return null;
        }

        return System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(header[16..]);
    }

    private long LogLength() => new FileInfo(Log).Length / PageSize;
}
