using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SessionCluster.Events;
using SessionCluster.Sessions;
using SessionCluster.Silo.Storage;

namespace SessionCluster.Storage.Tests.Sqlite;

public sealed class ServicesTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task The_host_opens_the_storage_of_the_set_folder_and_lets_it_go()
    {
        using (var host = NewHost())
        {
            await host.StartAsync();
            Assert.Same(
                host.Services.GetRequiredKeyedService<IGrainStorage>(StorageServices.SessionStorage),
                host.Services.GetRequiredKeyedService<IGrainStorage>(StorageServices.PlainStorage));
            Assert.NotNull(host.Services.GetRequiredService<ISessionLists>());
            Assert.NotNull(host.Services.GetRequiredService<IEndedSessions>());
            Assert.NotNull(host.Services.GetRequiredService<IEventRows>());
            Assert.NotNull(host.Services.GetRequiredService<SweptRows>());
            Assert.Throws<StorageStartException>(() => DataFolder.Open(_temp.Path));
            await host.StopAsync();
        }

        DataFolder.Open(_temp.Path).Dispose();
        Assert.Equal(["lock", "sessions.db"], Directory.GetFiles(_temp.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_folder_in_use_stops_the_start()
    {
        using var other = DataFolder.Open(_temp.Path);
        using var host = NewHost();

        await Assert.ThrowsAsync<StorageStartException>(() => host.StartAsync());
    }

    [Theory]
    [InlineData(null, StorageProvider.Sqlite)]
    [InlineData("", StorageProvider.Sqlite)]
    [InlineData("sqlite", StorageProvider.Sqlite)]
    [InlineData("postgresql", StorageProvider.PostgreSql)]
    internal void The_setting_chooses_the_database(string? setting, StorageProvider provider) => Assert.Equal(provider, StorageServices.ProviderOf(Settings(setting)));

    [Fact]
    public void Another_database_is_refused_by_name()
    {
        var refused = Assert.Throws<StorageStartException>(() => StorageServices.ProviderOf(Settings("mysql")));

        Assert.Contains("Storage:Provider is 'mysql'", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Storage:ConnectionString")]
    [InlineData("Storage:ConnectionStringFile")]
    [InlineData("Storage:PasswordFile")]
    public void A_server_that_is_named_and_not_chosen_stops_the_start(string setting)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new(setting, "x")]).Build();

        var refused = Assert.Throws<StorageStartException>(() => new ServiceCollection().AddSqliteStorage(configuration));

        Assert.Contains($"{setting} is set, but Storage:Provider is sqlite", refused.Message, StringComparison.Ordinal);
    }

    private static IConfiguration Settings(string? provider) =>
        new ConfigurationBuilder().AddInMemoryCollection([new(StorageServices.Setting, provider)]).Build();

    private IHost NewHost()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([new(DataFolder.Setting, _temp.Path), new("Storage:Sqlite:PointReaders", "3")]);
        builder.Services.AddSqliteStorage(builder.Configuration);
        return builder.Build();
    }
}
