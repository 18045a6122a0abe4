using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionCluster.Silo.Geo;

namespace SessionCluster.Geo.Tests;

/// <summary>Look-ups over files of a folder of its own, with a clock that is moved by hand and a log that is kept.</summary>
internal sealed class GeoFixture : IDisposable
{
    public static readonly IPAddress Listed = IPAddress.Parse("89.160.20.112");

    public GeoFixture(bool city = true, bool asn = true)
    {
        var options = new GeoIpOptions { CityDatabase = city ? CityPath : null, AsnDatabase = asn ? AsnPath : "" };
        Geo = new GeoDatabases(Options.Create(options), Time, Log);
    }

    public TempFolder Folder { get; } = new();

    public FakeTime Time { get; } = new();

    public KeptLog Log { get; } = new();

    public GeoDatabases Geo { get; }

    public string CityPath => Folder.In("city.mmdb");

    public string AsnPath => Folder.In("asn.mmdb");

    /// <summary>The organisation that the ASN database in use gives.</summary>
    public string? Organisation => Geo.Asn(Listed)?.AsOrg;

    public static byte[] Asn(string organisation) => Databases.Asn(organisation: organisation).ToBytes();

    /// <summary>Writes the ASN database in place, with a new time of writing.</summary>
    public void WriteAsn(byte[] bytes)
    {
        File.WriteAllBytes(AsnPath, bytes);
        File.SetLastWriteTimeUtc(AsnPath, Time.GetUtcNow().UtcDateTime);
    }

    /// <summary>Puts the ASN database in place by rename, as MaxMind's updater does.</summary>
    public void RenameAsn(byte[] bytes)
    {
        var next = Folder.Write("next.mmdb", bytes);
        File.SetLastWriteTimeUtc(next, Time.GetUtcNow().UtcDateTime);
        File.Move(next, AsnPath, overwrite: true);
    }

    public GeoFixture Start()
    {
        Assert.True(Geo.StartAsync(CancellationToken.None).IsCompletedSuccessfully);
        return this;
    }

    public void Poll() => Time.Advance(GeoDatabases.PollInterval);

    public void Dispose()
    {
        Geo.Dispose();
        Folder.Dispose();
    }
}

/// <summary>Keeps what is logged.</summary>
internal sealed class KeptLog : ILogger<GeoDatabases>
{
    private readonly List<(LogLevel Level, string Text)> _entries = [];

    public IReadOnlyList<string> Warnings => Of(LogLevel.Warning);

    public IReadOnlyList<string> Informations => Of(LogLevel.Information);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_entries)
        {
            _entries.Add((logLevel, formatter(state, exception)));
        }
    }

    private List<string> Of(LogLevel level)
    {
        lock (_entries)
        {
            return [.. _entries.Where(e => e.Level == level).Select(e => e.Text)];
        }
    }
}
