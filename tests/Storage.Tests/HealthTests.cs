using Microsoft.Extensions.Time.Testing;
using SessionCluster.Api.Hosting;
using SessionCluster.Sessions;
using SessionCluster.Silo.Hosting;
using SessionCluster.Silo.Storage;
using SessionCluster.Storage.Tests.PostgreSql;
using SessionCluster.Storage.Tests.Sqlite;

namespace SessionCluster.Storage.Tests;

public sealed class SqliteHealthTests() : HealthTests(new OpenSqlite());

[OnPostgreSql]
public sealed class PostgreSqlHealthTests() : HealthTests(new OpenPostgreSql());

public abstract class HealthTests : StorageTests
{
    private protected HealthTests(OpenStorage open)
        : base(open)
    {
    }

    [SuiteFact]
    public async Task The_storage_is_ready_while_it_answers_and_not_after_it_has_stopped()
    {
        var before = await Open.Everything();
        var readiness = HangingHealthTests.Readiness(Open.Probe, TimeProvider.System);

        Assert.Null(await readiness.WhyNotReady(default));
        Assert.Equal(before, await Open.Everything());

        await Open.Reopen();
        Assert.Equal("The storage does not answer.", await readiness.WhyNotReady(default));
    }
}

public sealed class HangingHealthTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_storage_is_not_ready_when_a_read_or_a_write_takes_too_long(bool read)
    {
        var time = new FakeTimeProvider();
        var check = Readiness(new Hanging(read), time).WhyNotReady(default).AsTask();

        time.Advance(SiloReadiness.Patience - TimeSpan.FromTicks(1));
        Assert.False(check.IsCompleted);
        time.Advance(TimeSpan.FromTicks(1));

        Assert.Equal("The storage does not answer.", await check);
    }

    internal static SiloReadiness Readiness(IStorageProbe storage, TimeProvider time) =>
        new(storage, new SingleProcessMembership(), new Drain(TimeSpan.Zero, time), time);

    private sealed class Hanging(bool read) : IStorageProbe
    {
        private readonly TaskCompletionSource _never = new();

        public Task Read() => read ? _never.Task : Task.CompletedTask;

        public Task Write() => _never.Task;
    }
}
