namespace SessionCluster.Correctness.Tests.Load;

/// <summary>A server that the tests without kills share; their users are their own.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private ServerProcess _server = null!;

    internal ApiClient Api => _server.Api;

    public async Task InitializeAsync()
    {
        _server = await ServerProcess.Start(_folder.In("data"), "Logging:LogLevel:Default=Warning", "Logging:LogLevel:Microsoft.Hosting.Lifetime=Information");
        await new Recorder { Apis = [Api] }.CreateStage();
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }
}

[CollectionDefinition(nameof(SharedServer))]
public sealed class SharedServerCollection : ICollectionFixture<SharedServer>;
