using System.Net;
using Microsoft.Extensions.Options;
using SessionCluster.Silo.Geo;
using Xunit.Abstractions;

namespace SessionCluster.Geo.Tests;

/// <summary>
/// Damaged files are refused with one warning, or used; nothing is thrown, and what a look-up allocates is bounded. (A look-up that
/// overflowed the stack would end these tests at once.)
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output) : IDisposable
{
    private const int Seeds = 300;
    private const long MaxAllocation = 16 << 20;

    private static readonly IPAddress[] Addresses =
        [.. new[] { "89.160.20.112", "12.81.96.1", "8.8.8.8", "2001:db8::1" }.Select(IPAddress.Parse)];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_shorter_file_is_refused(bool city)
    {
        var whole = Whole(city);
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.False(IsUsed(city, whole[..length], $"length {length}"), $"length {length}");
        }

        Assert.True(IsUsed(city, whole, "whole"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_file_with_its_beginning_cut_off_is_bounded(bool city)
    {
        var whole = Whole(city);
        for (var from = 1; from < whole.Length; from++)
        {
            IsUsed(city, whole[from..], $"from {from}");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_byte_turned_into_a_pointer_or_the_largest_is_bounded(bool city)
    {
        var whole = Whole(city);
        for (var i = 0; i < whole.Length; i++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[i] = i % 2 == 0 ? (byte)0x20 : (byte)0xFF;
            IsUsed(city, damaged, $"byte {i} = {damaged[i]}");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Random_damage_is_bounded(bool city)
    {
        var whole = Whole(city);
        var used = 0;
        for (var seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            var damaged = (byte[])whole.Clone();
            for (var i = random.Next(1, 9); i > 0; i--)
            {
                damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            }

            used += IsUsed(city, damaged, $"seed {seed}") ? 1 : 0;
        }

        output.WriteLine($"{used} of {Seeds} damaged files were used.");
        Assert.InRange(used, 1, Seeds - 1);
    }

    private static byte[] Whole(bool city) => city
        ? Databases.City(ipVersion: 4).ToBytes()
        : Databases.Asn().Add("2001:db8::/32", Databases.AsnRecord(64500, "Net")).ToBytes();

    private bool IsUsed(bool city, byte[] file, string what)
    {
        var path = _folder.Write("fuzz.mmdb", file);
        var log = new KeptLog<GeoDatabases>();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var options = new GeoIpOptions { CityDatabase = city ? path : null, AsnDatabase = city ? null : path };
        using var geo = new GeoDatabases(Options.Create(options), TimeProvider.System, log);
        Assert.True(geo.StartAsync(CancellationToken.None).IsCompletedSuccessfully, what);
        var refused = log.Warnings.Count(warning => warning.Contains($"{path} cannot be used", StringComparison.Ordinal));
        Assert.True(refused + log.Informations.Count == 1, what);
        foreach (var address in Addresses)
        {
            var found = city ? geo.Place(address) as object : geo.Asn(address);
            Assert.True(refused == 0 || found is null, what);
        }

        Assert.True(log.Warnings.Count <= 1, what);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < MaxAllocation, $"{what} allocated {allocated} bytes");
        return refused == 0;
    }
}
