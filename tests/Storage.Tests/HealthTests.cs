using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;
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
        var health = new StorageHealth(Open.Probe, TimeProvider.System);

        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync(new HealthCheckContext())).Status);
        Assert.Equal(before, await Open.Everything());

        await Open.Reopen();
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync(new HealthCheckContext())).Status);
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
        var check = new StorageHealth(new Hanging(read), time).CheckHealthAsync(new HealthCheckContext());

        time.Advance(StorageHealth.Patience - TimeSpan.FromTicks(1));
        Assert.False(check.IsCompleted);
        time.Advance(TimeSpan.FromTicks(1));

        Assert.Equal(HealthStatus.Unhealthy, (await check).Status);
    }

    private sealed class Hanging(bool read) : IStorageProbe
    {
        private readonly TaskCompletionSource _never = new();

        public Task Read() => read ? _never.Task : Task.CompletedTask;

        public Task Write() => _never.Task;

        public Task<(long Database, long? Log, long? Free)> Sizes() => throw new NotSupportedException();
    }
}
