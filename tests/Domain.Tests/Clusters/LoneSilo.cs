using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SessionCluster.Silo.Hosting;

namespace SessionCluster.Domain.Tests.Clusters;

/// <summary>The product as it starts without settings: one silo on SQLite, whose own factory the API uses.</summary>
public sealed class LoneSilo : IDomainCluster
{
    private readonly TempFolder _folder = new();

    private IHost _host = null!;

    public MovedTime Time { get; } = new();

    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    public Task DeactivateAll() => Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);

    public async Task InitializeAsync()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(GeoFiles.Write(_folder));
        builder.Configuration.AddInMemoryCollection([new("Data:Path", _folder.In("data"))]);
        builder.Services.AddSingleton<TimeProvider>(Time);
        SiloHost.AddParts(builder);
        builder.Services.AddSingleton(IDomainCluster.NoSender);
        _host = builder.Build();
        await _host.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        _folder.Dispose();
    }
}

/// <summary>All tests that run on it share one.</summary>
[CollectionDefinition(Name)]
public sealed class OnLoneSilo : ICollectionFixture<LoneSilo>
{
    public const string Name = "a lone silo";
}
