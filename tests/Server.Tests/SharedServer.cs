namespace SessionCluster.Server.Tests;

/// <summary>A server that the tests of a collection share; users, stages and addresses of each test are its own.</summary>
public abstract class SharedServer : IAsyncLifetime
{
    private readonly TempFolder _folder = new();

    internal ServerProcess Server { get; private set; } = null!;

    internal ApiClient Api => Server.Api;

    protected abstract IEnumerable<string> Settings { get; }

    public async Task InitializeAsync()
    {
        var city = _folder.Write("city.mmdb", Places.CityDatabase());
        var asn = _folder.Write("asn.mmdb", Places.AsnDatabase());
        Server = await ServerProcess.Start(
            _folder.In("data"),
            [$"GeoIp:CityDatabase={city}", $"GeoIp:AsnDatabase={asn}", "Sweeping:Interval=seconds=1", "Proxies:Trusted:0=127.0.0.0/8", .. Settings]);
    }

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>The settings of most tests: a public URL on https, no cap, no idle timeout.</summary>
public sealed class PlainServer : SharedServer
{
    public const string PublicUrl = "https://app.example.test";

    protected override IEnumerable<string> Settings => [$"PublicUrl={PublicUrl}", "Sessions:BrowserLifetime=hours=2"];
}

/// <summary>
/// Few sessions per user, which end soon when they are not used; a public URL that is the listening one. On PostgreSQL an ending waits up to
/// ten seconds after a start, in which no other session is to become idle.
/// </summary>
public sealed class LimitingServer : SharedServer
{
    protected override IEnumerable<string> Settings =>
        [$"Sessions:IdleTimeout=seconds={(TestStorage.Kind == ServerKind.OnSqlite ? 10 : 22)}", "Sessions:MaxPerUser=2"];
}

[CollectionDefinition(nameof(PlainServer))]
public sealed class PlainServerCollection : ICollectionFixture<PlainServer>;

[CollectionDefinition(nameof(LimitingServer))]
public sealed class LimitingServerCollection : ICollectionFixture<LimitingServer>;
