namespace SessionCluster.AspNetCore.Tests;

/// <summary>The real server, which the tests of the collection share; users and stages of each are its own.</summary>
public sealed class SessionServer : IAsyncLifetime
{
    private readonly TempFolder _folder = new();

    internal ServerProcess Process { get; private set; } = null!;

    internal ApiClient Api => Process.Api;

    public async Task InitializeAsync()
    {
        var city = _folder.Write("city.mmdb", Places.CityDatabase());
        var asn = _folder.Write("asn.mmdb", Places.AsnDatabase());
        Process = await ServerProcess.StartKind(_folder.In("data"), ServerKind.OnSqlite, $"GeoIp:CityDatabase={city}", $"GeoIp:AsnDatabase={asn}");
    }

    public async Task DisposeAsync()
    {
        await Process.DisposeAsync();
        _folder.Dispose();
    }
}

[CollectionDefinition(nameof(SessionServer))]
public sealed class SessionServerCollection : ICollectionFixture<SessionServer>;
