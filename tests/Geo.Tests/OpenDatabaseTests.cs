using MaxMind.GeoIP2;
using SessionCluster.Silo.Geo;

namespace SessionCluster.Geo.Tests;

public sealed class OpenDatabaseTests
{
    [Fact]
    public void A_replaced_database_is_closed_by_the_last_that_uses_it_and_not_before()
    {
        using var folder = new TempFolder();
        var reader = new DatabaseReader(folder.Write("asn.mmdb", GeoFixture.Asn("x")));
        var open = new OpenDatabase(reader);
        Assert.True(open.TryEnter());
        Assert.True(open.TryEnter());
        open.Leave();
        open.Leave();
        Assert.True(reader.TryAsn(GeoFixture.Listed, out _));
        open.Leave();
        Assert.False(open.TryEnter());
        Assert.Throws<ObjectDisposedException>(() => reader.TryAsn(GeoFixture.Listed, out _));
    }

    [Fact]
    public void The_owner_that_leaves_first_leaves_the_closing_to_the_look_up()
    {
        using var folder = new TempFolder();
        var reader = new DatabaseReader(folder.Write("asn.mmdb", GeoFixture.Asn("x")));
        var open = new OpenDatabase(reader);
        Assert.True(open.TryEnter());
        open.Leave();
        Assert.True(reader.TryAsn(GeoFixture.Listed, out _));
        open.Leave();
        Assert.Throws<ObjectDisposedException>(() => reader.TryAsn(GeoFixture.Listed, out _));
    }
}
