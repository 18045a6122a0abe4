using System.Net;
using static SessionCluster.Geo.Tests.Databases;

namespace SessionCluster.Geo.Tests.Embedded;

public sealed class FileTests : IDisposable
{
    private static readonly IPAddress Listed = IPAddress.Parse("89.160.20.112");

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(FileAccessMode.Memory)]
    [InlineData(FileAccessMode.MemoryMapped)]
    public void A_reader_survives_that_its_file_is_replaced_by_rename_or_deleted(FileAccessMode mode)
    {
        var path = _folder.Write("asn.mmdb", Asn().ToBytes());
        using var reader = new DatabaseReader(path, mode);
        File.Move(_folder.Write("next.mmdb", Asn(organisation: "Next").ToBytes()), path, overwrite: true);
        Assert.True(reader.TryAsn(Listed, out var found));
        Assert.Equal("Bredband2 AB", found!.AutonomousSystemOrganization);
        File.Delete(path);
        Assert.True(reader.TryAsn(Listed, out _));
    }

    [Fact]
    public void A_reader_in_memory_survives_that_its_file_is_cut_in_place()
    {
        var path = _folder.Write("asn.mmdb", Asn().ToBytes());
        using var reader = new DatabaseReader(path, FileAccessMode.Memory);
        using (var file = File.OpenWrite(path))
        {
            file.SetLength(0);
        }

        Assert.True(reader.TryAsn(Listed, out _));
    }

    [Theory]
    [InlineData(FileAccessMode.Memory)]
    [InlineData(FileAccessMode.MemoryMapped)]
    public void After_its_disposal_a_reader_says_so(FileAccessMode mode)
    {
        var reader = new DatabaseReader(_folder.Write("asn.mmdb", Asn().ToBytes()), mode);
        reader.Dispose();
        reader.Dispose();
        Assert.Throws<ObjectDisposedException>(() => reader.TryAsn(Listed, out _));
    }

    [Fact]
    public void Disposal_during_look_ups_ends_them_well()
    {
        var path = _folder.Write("asn.mmdb", Asn().ToBytes());
        for (var round = 0; round < 50; round++)
        {
            var reader = new DatabaseReader(path);
            var found = true;
            using var started = new CountdownEvent(2);
            var threads = Enumerable.Range(0, 2).Select(i => new Thread(() =>
            {
                found &= reader.TryAsn(Listed, out _);
                started.Signal();
                try
                {
                    while (reader.TryAsn(Listed, out _))
                    {
                    }

                    found = false;
                }
                catch (ObjectDisposedException)
                {
                }
            })).ToList();
            threads.ForEach(t => t.Start());
            started.Wait();
            reader.Dispose();
            threads.ForEach(t => t.Join());
            Assert.True(found);
        }
    }

    [Theory]
    [InlineData(FileAccessMode.Memory)]
    [InlineData(FileAccessMode.MemoryMapped)]
    public void Files_that_are_none_have_clear_exceptions(FileAccessMode mode)
    {
        Assert.Equal("The file is empty.", Assert.Throws<InvalidDatabaseException>(() => new DatabaseReader(_folder.Write("empty", []), mode)).Message);
        Assert.Contains("folder", Assert.Throws<InvalidDatabaseException>(() => new DatabaseReader(_folder.Path, mode)).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => new DatabaseReader(_folder.In("missing"), mode));
        var text = Assert.Throws<InvalidDatabaseException>(() => new DatabaseReader(_folder.Write("text", "hello"u8.ToArray()), mode));
        Assert.Equal("No metadata marker in the last 5 of 5 bytes: not a MaxMind DB, or one that is cut off.", text.Message);
    }

    [Fact]
    public void A_link_to_a_file_is_followed()
    {
        File.CreateSymbolicLink(_folder.In("link"), _folder.Write("asn.mmdb", Asn().ToBytes()));
        using var reader = new DatabaseReader(_folder.In("link"));
        Assert.True(reader.TryAsn(Listed, out _));
    }
}
