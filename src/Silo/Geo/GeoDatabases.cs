using MaxMind.GeoIP2;

namespace SessionCluster.Silo.Geo;

/// <summary>
/// Look-ups in the configured City and ASN databases. Their files are looked at when the server starts and every
/// <see cref="PollInterval"/> from then on, whether they were there at first or not: replaced ones come into use, unusable ones
/// leave what is in use alone. A poll, not a file system watch, because watches miss mounts, links and network drives.
/// Look-ups take no lock.
/// </summary>
public sealed class GeoDatabases : IGeoLookup, IHostedService, IDisposable
{
    public static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time;
    private readonly WatchedDatabase? _city;
    private readonly WatchedDatabase? _asn;
    private ITimer? _timer;

    public GeoDatabases(IOptions<GeoIpOptions> options, TimeProvider time, ILogger<GeoDatabases> logger)
    {
        _time = time;
        _city = Watch("GeoIp:CityDatabase", options.Value.CityDatabase, static r => r.TryCity(IPAddress.Loopback, out _), logger);
        _asn = Watch("GeoIp:AsnDatabase", options.Value.AsnDatabase, static r => r.TryAsn(IPAddress.Loopback, out _), logger);
    }

    /// <summary>Loads the files, then looks after them. Nothing about them keeps the server from starting.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_city is not null || _asn is not null)
        {
            Check();
            _timer = _time.CreateTimer(_ => Poll(), null, PollInterval, Timeout.InfiniteTimeSpan);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _timer?.Dispose();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _timer?.Dispose();
        _city?.Close();
        _asn?.Close();
    }

    public AsnInfo? Asn(IPAddress address) => _asn?.Find(ClientAddress.Fold(address), ReadAsn);

    public Place? Place(IPAddress address) => _city?.Find(ClientAddress.Fold(address), ReadPlace);

    public ImmutableArray<GeoDatabaseInfo> Databases => [.. new[] { _city, _asn }.OfType<WatchedDatabase>().Select(database => database.Describe())];

    private static WatchedDatabase? Watch(string setting, string? path, Action<DatabaseReader> probe, ILogger logger) =>
        string.IsNullOrWhiteSpace(path) ? null : new WatchedDatabase(setting, path, probe, logger);

    private static AsnInfo? ReadAsn(DatabaseReader reader, IPAddress address)
    {
        // A record without a number says nothing about the network that could be compared: it counts as none.
        if (!reader.TryAsn(address, out var found) || found?.AutonomousSystemNumber is not { } number)
        {
            return null;
        }

        return new AsnInfo(number, Clean(found.AutonomousSystemOrganization), found.Network?.ToString());
    }

    private static Place? ReadPlace(DatabaseReader reader, IPAddress address)
    {
        if (!reader.TryCity(address, out var found) || found is null)
        {
            return null;
        }

        var continent = new PlacePart(Clean(found.Continent.Code), found.Continent.GeoNameId, Clean(found.Continent.Names));
        var country = new PlacePart(Clean(found.Country.IsoCode), found.Country.GeoNameId, Clean(found.Country.Names));
        var city = new PlacePart(null, found.City.GeoNameId, Clean(found.City.Names));
        return new Place(
            new GeoInfo(
                Finite(found.Location.Latitude),
                Finite(found.Location.Longitude),
                city.Names.GetValueOrDefault("en") ?? "",
                country.Code,
                continent.Code),
            Known(continent),
            Known(country),
            Known(city));
    }

    private static PlacePart? Known(PlacePart part) => part is { Code: null, GeonameId: null, Names.Count: 0 } ? null : part;

    /// <summary>No JSON number says infinity or NaN.</summary>
    private static double? Finite(double? degrees) => degrees is { } value && double.IsFinite(value) ? value : null;

    /// <summary>What comes from a file ends in stored JSON, and PostgreSQL's has no U+0000.</summary>
    private static string? Clean(string? text) => text?.Replace('\0', '\uFFFD');

    private static IReadOnlyDictionary<string, string> Clean(IReadOnlyDictionary<string, string> names) =>
        names.Any(static pair => pair.Key.Contains('\0') || pair.Value.Contains('\0'))
            ? names.ToDictionary(static pair => pair.Key.Replace('\0', '\uFFFD'), static pair => pair.Value.Replace('\0', '\uFFFD'))
            : names;

    private void Check()
    {
        _city?.Check();
        _asn?.Check();
    }

    private void Poll()
    {
        Check();
        // Armed again only now: a slow disk never runs two checks at once.
        _timer?.Change(PollInterval, Timeout.InfiniteTimeSpan);
    }
}

/// <summary>Where the GeoIP databases are; section <c>GeoIp</c> of the settings.</summary>
public sealed class GeoIpOptions
{
    public const string Section = "GeoIp";

    /// <summary>Path of an MMDB file of type City; empty for none.</summary>
    public string? CityDatabase { get; set; }

    /// <summary>Path of an MMDB file of type ASN; empty for none.</summary>
    public string? AsnDatabase { get; set; }
}

/// <summary>Puts GeoIP into the server.</summary>
public static class GeoRegistration
{
    /// <summary>Registers <see cref="IGeoLookup"/> over the databases that section <c>GeoIp</c> names. Needs a TimeProvider.</summary>
    public static IServiceCollection AddGeoDatabases(this IServiceCollection services, IConfiguration configuration)
    {
        services.Configure<GeoIpOptions>(configuration.GetSection(GeoIpOptions.Section));
        services.AddSingleton<GeoDatabases>();
        services.AddSingleton<IGeoLookup>(static provider => provider.GetRequiredService<GeoDatabases>());
        services.AddHostedService(static provider => provider.GetRequiredService<GeoDatabases>());
        return services;
    }
}
