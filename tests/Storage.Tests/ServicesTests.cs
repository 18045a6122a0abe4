using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using SessionCluster.Events;
using SessionCluster.Sessions;
using SessionCluster.Silo.Storage;

namespace SessionCluster.Storage.Tests;

public sealed class ServicesTests : IDisposable
{
    private readonly string _temp = Directory.CreateTempSubdirectory("session-cluster-services-").FullName;

    public void Dispose() => Directory.Delete(_temp, recursive: true);

    [Fact]
    public async Task The_host_opens_the_storage_of_the_set_folder_and_lets_it_go()
    {
        using (var host = Host())
        {
            await host.StartAsync();
            Assert.NotNull(host.Services.GetRequiredService<IGrainStorage>());
            Assert.NotNull(host.Services.GetRequiredService<ISessionRows>());
            Assert.NotNull(host.Services.GetRequiredService<IEventRows>());
            Assert.Throws<DataFolderException>(() => DataFolder.Open(_temp));
            await host.StopAsync();
        }

        DataFolder.Open(_temp).Dispose();
        Assert.Equal(["lock", "sessions.db"], Directory.GetFiles(_temp).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_folder_in_use_stops_the_start()
    {
        using var other = DataFolder.Open(_temp);
        using var host = Host();

        await Assert.ThrowsAsync<DataFolderException>(() => host.StartAsync());
    }

    [Fact]
    public async Task The_storage_is_ready_while_it_answers_and_not_after_it_has_stopped()
    {
        using var open = new OpenStorage();
        var health = new StorageHealth(open.Database, TimeProvider.System);

        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync(new HealthCheckContext())).Status);

        var stopped = new StorageHealth(open.Database, TimeProvider.System);
        open.Reopen();
        Assert.Equal(HealthStatus.Unhealthy, (await stopped.CheckHealthAsync(new HealthCheckContext())).Status);
    }

    [Fact]
    public async Task The_storage_is_not_ready_while_the_writer_hangs()
    {
        using var open = new OpenStorage();
        using var release = new ManualResetEventSlim();
        var held = open.Database.Writer.Write(_ =>
        {
            release.Wait();
            return true;
        });

        var result = await new StorageHealth(open.Database, new PatienceEnds()).CheckHealthAsync(new HealthCheckContext());

        release.Set();
        await held;
        Assert.Equal(HealthStatus.Unhealthy, result.Status);
    }

    private IHost Host()
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([new(DataFolder.Setting, _temp), new("Storage:Sqlite:PointReaders", "3")]);
        builder.Services.AddSqliteStorage(builder.Configuration);
        return builder.Build();
    }

    /// <summary>Every timer is due at once.</summary>
    private sealed class PatienceEnds : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
