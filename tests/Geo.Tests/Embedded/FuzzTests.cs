using System.Net;
using Xunit.Abstractions;

namespace SessionCluster.Geo.Tests.Embedded;

/// <summary>Damaged files work or end in the clear exception, within bounded memory; nothing else may come out.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Seeds = 20_000;
    private const long MaxAllocation = 16 << 20;

    private static readonly IPAddress[] Addresses =
        [.. new[] { "89.160.20.112", "12.81.96.1", "8.8.8.8", "0.0.0.0", "255.255.255.255", "::", "2001:db8::1", "::ffff:89.160.20.112" }.Select(IPAddress.Parse)];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_shorter_file_ends_in_the_clear_exception(bool city)
    {
        var whole = Whole(city);
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.False(Works(whole[..length], $"length {length}"), $"length {length}");
        }

        Assert.True(Works(whole, "whole"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_file_with_its_beginning_cut_off_is_bounded(bool city)
    {
        var whole = Whole(city);
        for (var from = 1; from < whole.Length; from++)
        {
            Works(whole[from..], $"from {from}");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_byte_set_to_each_extreme_is_bounded(bool city)
    {
        var whole = Whole(city);
        for (var i = 0; i < whole.Length; i++)
        {
            foreach (var value in (byte[])[0x00, 0x20, 0x3F, 0x5F, 0xE1, 0xFF, 0x01])
            {
                var damaged = (byte[])whole.Clone();
                damaged[i] = value;
                Works(damaged, $"byte {i} = {value}");
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Random_damage_is_bounded(bool city)
    {
        var whole = Whole(city);
        var worked = 0;
        for (var seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            var damaged = (byte[])whole.Clone();
            for (var i = random.Next(1, 9); i > 0; i--)
            {
                damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            }

            worked += Works(damaged, $"seed {seed}") ? 1 : 0;
        }

        output.WriteLine($"{worked} of {Seeds} damaged files answered every address.");
        Assert.InRange(worked, 1, Seeds - 1);
    }

    private static byte[] Whole(bool city) =>
        (city ? Databases.City() : Databases.Asn()).Add("2001:db8::/32", Databases.CityRecord()).ToBytes();

    private static bool Works(byte[] file, string what)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var works = true;
        try
        {
            using var reader = new DatabaseReader(new MemoryStream(file));
            _ = reader.Metadata.BuildDate;
            foreach (var address in Addresses)
            {
                works &= Tolerates(() => reader.TryCity(address, out _));
                works &= Tolerates(() => reader.TryAsn(address, out _));
                works &= Tolerates(() => reader.Find(address, out _));
            }
        }
        catch (InvalidDatabaseException)
        {
            works = false;
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < MaxAllocation, $"{what} allocated {allocated} bytes");
        return works;
    }

    private static bool Tolerates(Action lookup)
    {
        try
        {
            lookup();
            return true;
        }
        catch (InvalidOperationException)
        {
            // The type of database is the other one, or was damaged.
            return true;
        }
        catch (InvalidDatabaseException)
        {
            return false;
        }
    }
}
