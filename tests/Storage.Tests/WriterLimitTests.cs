using Microsoft.Extensions.Time.Testing;
using SessionCluster.Silo.Storage;
using SessionCluster.Storage.Tests.PostgreSql;
using SessionCluster.Storage.Tests.Sqlite;
using static SessionCluster.Storage.Tests.Rows;

namespace SessionCluster.Storage.Tests;

public sealed class SqliteWriterLimitTests() : WriterLimitTests(new OpenSqlite(new SqliteOptions { QueueLimit = Queue, GroupLimit = Group }) { Time = new FakeTimeProvider(Now) });

[OnPostgreSql]
public sealed class PostgreSqlWriterLimitTests()
    : WriterLimitTests(new OpenPostgreSql(new PostgreSqlOptions { Writers = 1, QueueLimit = Queue, GroupLimit = Group }) { Time = new FakeTimeProvider(Now) });

public abstract class WriterLimitTests : StorageTests
{
    protected const int Queue = 10;

    protected const int Group = 4;

    private protected WriterLimitTests(OpenStorage open)
        : base(open)
    {
    }

    [SuiteFact]
    public async Task A_write_beyond_the_queue_limit_fails_at_once_and_the_others_are_done_in_groups_within_their_limit()
    {
        var commits = 0;
        Task[] waiting;
        Task beyond;
        using (await Gate.Close(Open))
        {
            Open.BeforeCommit = () => Interlocked.Increment(ref commits);
            waiting = [.. Enumerable.Range(1, Queue).Select(number => Open.WriteFirst($"u{number}", Login(number, $"u{number}")))];

            beyond = Open.WriteFirst("beyond", Login(99, "beyond"));
            Assert.True(beyond.IsFaulted);
        }

        var refused = await Assert.ThrowsAsync<StorageUnavailableException>(() => beyond);
        await Task.WhenAll(waiting);

        Assert.False(refused.OutcomeUnknown);
        Assert.Contains("QueueLimit", refused.Message, StringComparison.Ordinal);
        Assert.Equal(3, commits);
        Assert.Equal(Queue, await Open.Number("SELECT count(*) FROM session"));
    }

    [SuiteFact]
    public async Task A_write_whose_caller_has_given_up_while_the_database_stood_still_takes_no_effect()
    {
        var time = (FakeTimeProvider)Open.Time;
        Task[] late;
        Task inTime;
        using (await Gate.Close(Open))
        {
            late = [.. Enumerable.Range(1, Group).Select(number => Open.WriteFirst($"u{number}", Login(number, $"u{number}")))];
            time.Advance(TimeSpan.FromSeconds(9));
            inTime = Open.WriteFirst("u5", Login(5, "u5"));
            time.Advance(TimeSpan.FromSeconds(9));
        }

        await inTime;
        var failures = await Task.WhenAll(late.Select(write => Assert.ThrowsAsync<StorageUnavailableException>(() => write)));
        Assert.All(failures, failure => Assert.False(failure.OutcomeUnknown));
        Assert.Equal("5", Numbers(await Open.Ids("session")));
        Assert.Single(Open.Log.Errors);
    }
}
