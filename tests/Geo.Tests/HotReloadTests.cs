using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using SessionCluster.Geo;
using SessionCluster.Silo.Geo;

namespace SessionCluster.Geo.Tests;

public sealed class HotReloadTests : IDisposable
{
    private readonly GeoFixture _fixture = new(city: false);

    public static TheoryData<string, byte[]> BrokenFiles => new()
    {
        { "empty", [] },
        { "metadata marker", "not a database"u8.ToArray() },
        { "metadata marker", GeoFixture.Asn("x")[..500] },
        { "beyond the end", GeoFixture.Asn("x")[..^100] },
        { "is not what this setting is for", Databases.City().ToBytes() },
    };

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Without_settings_nothing_is_watched_and_nothing_found()
    {
        using var fixture = new GeoFixture(city: false, asn: false).Start();
        Assert.Null(fixture.Geo.Asn(GeoFixture.Listed));
        Assert.Null(fixture.Geo.Place(GeoFixture.Listed));
        Assert.Empty(fixture.Log.Warnings);
    }

    [Fact]
    public void A_missing_file_is_a_warning_that_names_setting_and_file_and_one_that_appears_later_comes_into_use()
    {
        _fixture.Start();
        Assert.Null(_fixture.Organisation);
        var warning = Assert.Single(_fixture.Log.Warnings);
        Assert.Contains("GeoIp:AsnDatabase", warning, StringComparison.Ordinal);
        Assert.Contains(_fixture.AsnPath, warning, StringComparison.Ordinal);
        _fixture.Poll();
        _fixture.WriteAsn(GeoFixture.Asn("Late"));
        Assert.Null(_fixture.Organisation);
        _fixture.Poll();
        Assert.Equal("Late", _fixture.Organisation);
        Assert.Single(_fixture.Log.Warnings);
        Assert.Contains("GeoLite2-ASN", Assert.Single(_fixture.Log.Informations), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(BrokenFiles))]
    public void A_broken_file_at_the_start_is_one_warning_with_the_reason_and_a_good_one_repairs_it(string reason, byte[] bytes)
    {
        _fixture.WriteAsn(bytes);
        _fixture.Start();
        _fixture.Poll();
        _fixture.Poll();
        Assert.Null(_fixture.Organisation);
        Assert.Contains(reason, Assert.Single(_fixture.Log.Warnings), StringComparison.Ordinal);
        _fixture.RenameAsn(GeoFixture.Asn("Good"));
        _fixture.Poll();
        Assert.Equal("Good", _fixture.Organisation);
    }

    [Theory]
    [MemberData(nameof(BrokenFiles))]
    public void A_broken_new_file_leaves_the_old_database_in_use_with_one_warning(string reason, byte[] bytes)
    {
        _fixture.WriteAsn(GeoFixture.Asn("Old"));
        _fixture.Start();
        _fixture.RenameAsn(bytes);
        _fixture.Poll();
        _fixture.Poll();
        Assert.Equal("Old", _fixture.Organisation);
        var warning = Assert.Single(_fixture.Log.Warnings);
        Assert.Contains(reason, warning, StringComparison.Ordinal);
        Assert.Contains("stays in use", warning, StringComparison.Ordinal);
        _fixture.RenameAsn(GeoFixture.Asn("New"));
        _fixture.Poll();
        Assert.Equal("New", _fixture.Organisation);
    }

    [Fact]
    public void A_folder_in_the_place_of_a_file_is_a_warning()
    {
        Directory.CreateDirectory(_fixture.AsnPath);
        _fixture.Start();
        Assert.Contains("folder", Assert.Single(_fixture.Log.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_that_is_none_is_a_warning()
    {
        var log = new KeptLog<GeoDatabases>();
        using var geo = new GeoDatabases(Microsoft.Extensions.Options.Options.Create(new GeoIpOptions { AsnDatabase = "a\0b" }), new FakeTimeProvider(), log);
        geo.StartAsync(CancellationToken.None);
        Assert.Single(log.Warnings);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_replaced_file_comes_into_use_at_the_next_poll(bool byRename)
    {
        _fixture.WriteAsn(GeoFixture.Asn("Old"));
        _fixture.Start();
        _fixture.Time.Advance(GeoDatabases.PollInterval - TimeSpan.FromTicks(1));
        if (byRename)
        {
            _fixture.RenameAsn(GeoFixture.Asn("New"));
        }
        else
        {
            _fixture.WriteAsn(GeoFixture.Asn("New"));
        }

        Assert.Equal("Old", _fixture.Organisation);
        _fixture.Time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal("New", _fixture.Organisation);
        Assert.Empty(_fixture.Log.Warnings);
    }

    [Fact]
    public void A_file_of_the_same_time_and_length_is_told_by_its_build_time()
    {
        var time = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        _fixture.WriteAsn(GeoFixture.Asn("Old"));
        File.SetLastWriteTimeUtc(_fixture.AsnPath, time);
        _fixture.Start();
        var next = Databases.Asn(organisation: "New");
        next.Metadata["build_epoch"] = 1_770_245_370UL;
        _fixture.RenameAsn(next.ToBytes());
        File.SetLastWriteTimeUtc(_fixture.AsnPath, time);
        _fixture.Poll();
        Assert.Equal("New", _fixture.Organisation);
    }

    [Fact]
    public void A_switched_link_is_a_change()
    {
        File.CreateSymbolicLink(_fixture.AsnPath, _fixture.Folder.Write("one", GeoFixture.Asn("One")));
        _fixture.Start();
        Assert.Equal("One", _fixture.Organisation);
        File.Delete(_fixture.AsnPath);
        File.CreateSymbolicLink(_fixture.AsnPath, _fixture.Folder.Write("two", GeoFixture.Asn("Two, and longer")));
        _fixture.Poll();
        Assert.Equal("Two, and longer", _fixture.Organisation);
    }

    [Fact]
    public void A_file_that_is_deleted_stays_in_use_and_each_disappearance_is_one_warning()
    {
        _fixture.WriteAsn(GeoFixture.Asn("Old"));
        _fixture.Start();
        for (var time = 1; time <= 2; time++)
        {
            File.Move(_fixture.AsnPath, _fixture.Folder.In("away"));
            _fixture.Poll();
            _fixture.Poll();
            Assert.Equal("Old", _fixture.Organisation);
            Assert.Equal(time, _fixture.Log.Warnings.Count);
            File.Move(_fixture.Folder.In("away"), _fixture.AsnPath);
            _fixture.Poll();
            Assert.Equal("Old", _fixture.Organisation);
        }

        Assert.Single(_fixture.Log.Informations);
    }

    [Fact]
    public void The_two_databases_are_independent()
    {
        using var fixture = new GeoFixture();
        fixture.WriteCity(Databases.City().ToBytes());
        fixture.Start();
        Assert.Equal("SE", fixture.Geo.Place(GeoFixture.Listed)!.Geo.Country);
        Assert.Null(fixture.Organisation);
        Assert.Contains("GeoIp:AsnDatabase", Assert.Single(fixture.Log.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_the_stop_nothing_is_polled_and_look_ups_go_on()
    {
        _fixture.WriteAsn(GeoFixture.Asn("Old"));
        _fixture.Start();
        await _fixture.Geo.StopAsync(CancellationToken.None);
        _fixture.RenameAsn(GeoFixture.Asn("New"));
        _fixture.Poll();
        Assert.Equal("Old", _fixture.Organisation);
    }

    [Fact]
    public void Look_ups_during_replacements_always_answer_from_one_of_the_databases()
    {
        _fixture.WriteAsn(GeoFixture.Asn("Org 0"));
        _fixture.Start();
        var done = false;
        var wrong = 0;
        using var started = new CountdownEvent(3);
        var threads = Enumerable.Range(0, 3).Select(i => new Thread(() =>
        {
            started.Signal();
            while (!Volatile.Read(ref done))
            {
                if (_fixture.Organisation?.StartsWith("Org ", StringComparison.Ordinal) != true)
                {
                    Interlocked.Increment(ref wrong);
                }
            }
        })).ToList();
        threads.ForEach(t => t.Start());
        started.Wait();
        for (var i = 1; i <= 100; i++)
        {
            _fixture.RenameAsn(GeoFixture.Asn($"Org {i}"));
            _fixture.Poll();
        }

        Volatile.Write(ref done, true);
        threads.ForEach(t => t.Join());
        Assert.Equal(0, wrong);
        Assert.Equal("Org 100", _fixture.Organisation);
        Assert.Empty(_fixture.Log.Warnings);
    }

    [Fact]
    public async Task Registered_it_loads_what_the_settings_name_when_the_server_starts()
    {
        _fixture.WriteAsn(GeoFixture.Asn("Wired"));
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("GeoIp:AsnDatabase", _fixture.AsnPath)]);
        builder.Services.AddSingleton<TimeProvider>(new FakeTimeProvider());
        builder.Services.AddSingleton<ILogger<GeoDatabases>>(_fixture.Log);
        builder.Services.AddGeoDatabases(builder.Configuration);
        using var host = builder.Build();
        await host.StartAsync();
        Assert.Equal("Wired", host.Services.GetRequiredService<IGeoLookup>().Asn(IPAddress.Parse("89.160.0.1"))!.AsOrg);
        await host.StopAsync();
    }
}
