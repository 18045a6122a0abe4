using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using SessionCluster.Silo.Hosting;

namespace SessionCluster.Domain.Tests;

/// <summary>The server in this process, on SQLite.</summary>
public sealed class DomainCluster : IDomainCluster
{
    private readonly TempFolder _folder = new();
    private WebApplication _app = null!;

    public MovedTime Time { get; } = new();

    public IGrainFactory Grains => Engine;

    private GrainEngine Engine => _app.Services.GetRequiredService<GrainEngine>();

    public Task DeactivateAll() => Engine.DeactivateAllAsync();

    public async Task InitializeAsync()
    {
        string[] settings = [$"--Data:Path={_folder.In("data")}", "--urls=http://127.0.0.1:0", .. GeoFiles.Write(_folder).Select(s => $"--{s.Key}={s.Value}")];
        _app = SiloHost.Build(settings, services => services.AddSingleton<TimeProvider>(Time));
        await _app.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>Runs on the embedded engine always.</summary>
public sealed class DomainFactAttribute : FactAttribute;

/// <summary>Runs on the embedded engine always.</summary>
public sealed class DomainTheoryAttribute : TheoryAttribute;
