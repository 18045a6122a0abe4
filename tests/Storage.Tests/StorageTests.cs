namespace SessionCluster.Storage.Tests;

/// <summary>Tests that say what storage means, each over a database of its own. A class for each database runs them.</summary>
public abstract class StorageTests : IAsyncLifetime
{
    private protected StorageTests(OpenStorage open) => Open = open;

    private protected OpenStorage Open { get; }

    public Task InitializeAsync() => Open.Start();

    public async Task DisposeAsync() => await Open.DisposeAsync();
}
