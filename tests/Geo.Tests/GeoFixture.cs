using System.Net;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
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

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public KeptLog<GeoDatabases> Log { get; } = new();

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

    public void WriteCity(byte[] bytes) => File.WriteAllBytes(CityPath, bytes);

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
