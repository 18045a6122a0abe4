using Microsoft.Data.Sqlite;
using SessionCluster.Silo.Storage;

namespace SessionCluster.Storage.Tests.Sqlite;

public sealed class StatementTests : IDisposable
{
    private const string Insert = "INSERT INTO thing (id, text, number, bytes) VALUES (?1, ?2, ?3, ?4)";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("session-cluster-statement-");

    private readonly SqliteLink _link;

    public StatementTests()
    {
        _link = Open();
        _link.Prepared("CREATE TABLE thing (id INTEGER PRIMARY KEY, text TEXT NOT NULL, number INTEGER, bytes BLOB) STRICT").Execute();
    }

    public static TheoryData<string> Texts => ["", " ", "plain", "ÄÖÜ €", "\U0001F511 key", "a\0b", new string('x', 511), new string('€', 70_000)];

    private string File => Path.Combine(_folder.FullName, "things.db");

    public void Dispose()
    {
        _link.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_text_is_stored_whole(string text)
    {
        Assert.Equal(1, _link.Prepared(Insert).Execute(1, text, null, null));

        using var row = _link.Prepared("SELECT text, number IS NULL, bytes IS NULL FROM thing").Query();
        Assert.True(row.Read());
        Assert.Equal(text, row.GetString(0));
        Assert.Equal((1, 1), (row.GetInt32(1), row.GetInt32(2)));
    }

    [Theory]
    [InlineData(long.MinValue, new byte[0])]
    [InlineData(0, new byte[] { 0 })]
    [InlineData(long.MaxValue, new byte[] { 255, 0, 1 })]
    public void Numbers_and_bytes_are_stored_as_they_are(long number, byte[] bytes)
    {
        Assert.Equal(1, _link.Prepared(Insert).Execute(1, "a", number, bytes));

        using var row = _link.Prepared("SELECT number, bytes, typeof(bytes) FROM thing").Query();
        Assert.True(row.Read());
        Assert.Equal(number, row.GetInt64(0));
        Assert.Equal(bytes, row.GetFieldValue<byte[]>(1));
        Assert.Equal("blob", row.GetString(2));
    }

    [Fact]
    public void No_value_of_a_run_is_left_for_the_next()
    {
        var insert = _link.Prepared(Insert);
        insert.Execute(1, "a longer text", 7L, new byte[] { 1, 2 });
        insert.Execute(2, "short", null, null);

        Assert.Equal(1, _link.Prepared("SELECT count(*) FROM thing WHERE id = 2 AND text = 'short' AND number IS NULL AND bytes IS NULL").Number());
    }

    [Fact]
    public void It_says_how_many_rows_changed()
    {
        _link.Prepared(Insert).Execute(1, "a", 1L, null);
        _link.Prepared(Insert).Execute(2, "a", 1L, null);
        var update = _link.Prepared("UPDATE thing SET number = ?2 WHERE number = ?1");

        Assert.Equal(2, update.Execute(1L, 5L));
        Assert.Equal(0, update.Execute(1L, 5L));
    }

    [Fact]
    public void A_statement_that_failed_can_run_again()
    {
        var insert = _link.Prepared(Insert);
        insert.Execute(1, "a", null, null);

        var refused = Assert.Throws<SqliteException>(() => insert.Execute(1, "b", null, null));

        Assert.Equal(19, refused.SqliteErrorCode);
        Assert.Contains("thing.id", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, insert.Execute(2, "b", null, null));
    }

    [Fact]
    public void Values_that_do_not_fit_the_statement_are_refused_before_it_runs()
    {
        var insert = _link.Prepared(Insert);

        Assert.Throws<ArgumentException>(() => insert.Execute(1, "a", null));
        Assert.Throws<ArgumentException>(() => insert.Execute(1, "a", null, null, null));
        Assert.Throws<ArgumentException>(() => insert.Execute(1, "a", 1.5, null));
        Assert.Throws<InvalidOperationException>(() => _link.Prepared("SELECT 1").Execute());
        Assert.Throws<SqliteException>(() => _link.Prepared("INSERT INTO nothing VALUES (1)").Execute());
        Assert.Equal(0, _link.Prepared("SELECT count(*) FROM thing").Number());
    }

    [Fact]
    public void A_text_of_two_statements_is_refused_and_neither_runs()
    {
        _link.Prepared(Insert).Execute(1, "a", null, null);

        Assert.Throws<ArgumentException>(() => _link.Prepared("DELETE FROM thing; DELETE FROM thing").Execute());
        Assert.Equal(1, _link.Prepared("SELECT count(*) FROM thing").Number());
    }

    [Fact]
    public async Task A_change_waits_for_the_lock_of_another_program()
    {
        using var other = Open();
        other.Prepared("BEGIN IMMEDIATE").Execute();

        var waiting = Task.Factory.StartNew(
            () => _link.Prepared(Insert).Execute(1, "a", null, null), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var early = await Task.WhenAny(waiting, Task.Delay(TimeSpan.FromMilliseconds(500)));
        other.Prepared("COMMIT").Execute();

        Assert.NotSame(waiting, early);
        Assert.Equal(1, await waiting);
    }

    private SqliteLink Open() => SqliteLink.OpenWriter(File, new SqliteOptions());
}
