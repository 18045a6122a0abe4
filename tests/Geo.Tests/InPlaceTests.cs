using SessionCluster.Silo.Geo;

namespace SessionCluster.Geo.Tests;

/// <summary>What is in use is a copy of the server's own: nothing done to the file can hurt.</summary>
public sealed class InPlaceTests : IDisposable
{
    private readonly GeoFixture _fixture = new(city: false);

    public void Dispose() => _fixture.Dispose();

    /// <summary>Who maps the file itself is ended by the system at the first look-up behind its new end.</summary>
    [Fact]
    public void A_file_that_is_cut_in_place_hurts_no_look_up()
    {
        _fixture.WriteAsn(Large("Old"));
        _fixture.Start();
        _fixture.WriteAsn([]);
        Assert.Equal("Old", _fixture.Organisation);
        _fixture.Poll();
        Assert.Equal("Old", _fixture.Organisation);
        _fixture.WriteAsn(Large("New"));
        _fixture.Poll();
        Assert.Equal("New", _fixture.Organisation);
    }

    [Fact]
    public void A_file_that_is_written_in_place_again_and_again_hurts_no_look_up()
    {
        var versions = Enumerable.Range(0, 10).Select(i => Large($"Org {i}")).ToArray();
        _fixture.WriteAsn(versions[0]);
        _fixture.Start();
        using var done = new CancellationTokenSource();
        var writer = new Thread(() =>
        {
            for (var i = 0; !done.IsCancellationRequested; i++)
            {
                File.WriteAllBytes(_fixture.AsnPath, versions[i % versions.Length]);
            }
        });
        writer.Start();
        for (var poll = 0; poll < 100; poll++)
        {
            _fixture.Poll();
            Assert.StartsWith("Org ", _fixture.Organisation, StringComparison.Ordinal);
        }

        done.Cancel();
        writer.Join();
        _fixture.WriteAsn(Large("Last"));
        _fixture.Poll();
        Assert.Equal("Last", _fixture.Organisation);
    }

    [Fact]
    public async Task No_copy_keeps_its_name()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var before = Copies();
        _fixture.WriteAsn(GeoFixture.Asn("One"));
        _fixture.Start();
        _fixture.RenameAsn("broken"u8.ToArray());
        _fixture.Poll();
        _fixture.RenameAsn(GeoFixture.Asn("Two"));
        _fixture.Poll();
        Assert.Equal("Two", _fixture.Organisation);

        // What another test is about to map is gone in a moment.
        var left = Copies();
        left.ExceptWith(before);
        await Poll.Until(() =>
        {
            left.IntersectWith(Copies());
            return Task.FromResult(left.Count == 0);
        });

        static HashSet<string> Copies() => [.. Directory.GetFiles(Path.GetTempPath(), "session-cluster-geoip-*")];
    }

    /// <summary>It is tried every few seconds, and said again only where it is something else.</summary>
    [Fact]
    public void A_temporary_folder_that_cannot_be_used_is_named_in_the_same_words_each_time()
    {
        _fixture.WriteAsn(GeoFixture.Asn("One"));
        var folder = Path.Combine(Path.GetTempPath(), "no-such-folder");

        var first = Assert.Throws<IOException>(() => DatabaseFile.Open(_fixture.AsnPath, folder)).Message;

        Assert.Contains($"into the temporary folder {folder} (TMPDIR)", first, StringComparison.Ordinal);
        Assert.Equal(first, Assert.Throws<IOException>(() => DatabaseFile.Open(_fixture.AsnPath, folder)).Message);
    }

    [SmallDiskFact]
    public void A_temporary_folder_without_room_for_a_copy_is_not_written_to()
    {
        _fixture.WriteAsn(Large("One"));
        using var disk = new SmallDisk();
        disk.Fill();

        var first = Assert.Throws<IOException>(() => DatabaseFile.Open(_fixture.AsnPath, disk.In(""))).Message;

        Assert.EndsWith("There is no room for it.", first, StringComparison.Ordinal);
        Assert.Equal(first, Assert.Throws<IOException>(() => DatabaseFile.Open(_fixture.AsnPath, disk.In(""))).Message);
    }

    /// <summary>A database of some megabytes.</summary>
    private static byte[] Large(string organisation)
    {
        var writer = Databases.Asn(organisation: organisation);
        for (var i = 0; i < 40; i++)
        {
            writer.Add($"10.{i}.0.0/16", Databases.AsnRecord(1, new string('x', 60_000)));
        }

        return writer.ToBytes();
    }
}
