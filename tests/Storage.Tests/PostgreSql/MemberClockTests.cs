using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using SessionCluster.Silo.Hosting;

namespace SessionCluster.Storage.Tests.PostgreSql;

/// <summary>Members whose clocks, or whose machine's, are wrong.</summary>
public sealed partial class MemberClockTests : IDisposable
{
    private readonly int[] _ports = TestPorts.Free(2);
    private readonly string _database = PostgreSqlServer.WhyNot is null ? PostgreSqlServer.Shared.CreateDatabase() : "";
    private readonly MovedTime _time = new();
    private readonly KeptLogs _logs = new();

    public void Dispose() => _logs.Dispose();

    [PostgreSqlTheory]
    [InlineData(16, "16(\\.[0-9])? seconds ahead")]
    [InlineData(-16, "16(\\.[0-9])? seconds behind")]
    public async Task A_member_whose_clock_is_wrong_does_not_start(int seconds, string told)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        using var member = Member();

        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => member.StartAsync());

        Assert.Matches(told, refused.Message);
        Assert.Contains("NTP", refused.Message, StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task A_clock_that_was_set_back_behind_an_earlier_start_stops_the_start_until_that_row_is_gone()
    {
        using (var first = Member())
        {
            await first.StartAsync();
            await first.StopAsync();
        }

        await Execute("UPDATE OrleansMembershipTable SET Generation = Generation + 1000");
        using (var second = Member())
        {
            var refused = await Assert.ThrowsAsync<InvalidDataException>(() => second.StartAsync());
            Assert.Matches($"^The clock of this machine was set back: an earlier start at 127\\.0\\.0\\.1:{_ports[0]} has a time [89][0-9][0-9] seconds ahead", refused.Message);
            await Execute(Removal().Match(refused.Message).Value);
        }

        using var third = Member();
        await third.StartAsync();
        await third.StopAsync();
    }

    /// <summary>Each by a clock that is within what starts: this member's is ahead, or that of the other cluster's is behind.</summary>
    [PostgreSqlTheory]
    [InlineData(12, 25)]
    [InlineData(0, 38)]
    public async Task A_cluster_on_the_same_database_is_found_by_clocks_that_differ(int ahead, int silence)
    {
        using (var first = Member())
        {
            await first.StartAsync();
            await first.StopAsync();
        }

        await Execute($"UPDATE OrleansMembershipTable SET Status = 3, IAmAliveTime = now() - interval '{silence} seconds'");
        _time.Advance(TimeSpan.FromSeconds(ahead));
        using var second = Member("second");

        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => second.StartAsync());

        Assert.Contains("Cluster:ClusterId is 'second', but the cluster 'sessioncluster' serves the same database", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Where this is a copy of that cluster's database, keep another ClusterId and try again in 45 seconds", refused.Message, StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task A_clock_that_goes_wrong_is_warned_of_once_and_shown_and_so_is_its_mending()
    {
        const string Again = "The clock of this machine agrees with the database's within 5 seconds again.";
        var shown = new Dictionary<string, HashSet<double>>();
        using var meters = new MeterListener { InstrumentPublished = static (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
        meters.SetMeasurementEventCallback<double>((instrument, value, _, _) => Note(instrument, value));
        meters.SetMeasurementEventCallback<int>((instrument, value, _, _) => Note(instrument, value));
        meters.Start();
        using var member = Member();
        await member.StartAsync();

        _time.Advance(TimeSpan.FromSeconds(12));
        await Poll.Until(() => Task.FromResult(Warnings().Count > 0));
        await Task.Delay(TimeSpan.FromSeconds(2.5));
        Assert.Matches("^The clock of this machine is (11\\.9|12) seconds ahead, compared with the database's", Assert.Single(Warnings()));
        meters.RecordObservableInstruments();
        Assert.Contains(shown["sessioncluster.clock.offset"], value => value is > 11 and <= 12);
        Assert.Contains(1, shown["sessioncluster.members"]);
        Assert.DoesNotContain(Again, _logs.Kept.Informations);

        _time.Advance(TimeSpan.FromSeconds(-12));
        await Poll.Until(() => Task.FromResult(_logs.Kept.Informations.Contains(Again)));
        await member.StopAsync();

        List<string> Warnings() => [.. _logs.Kept.Warnings.Where(line => line.StartsWith("The clock of", StringComparison.Ordinal))];

        void Note(Instrument instrument, double value)
        {
            lock (shown)
            {
                (shown.TryGetValue(instrument.Name, out var values) ? values : shown[instrument.Name] = []).Add(value);
            }
        }
    }

    [Theory]
    [InlineData(10, 4, 11, 6)]
    [InlineData(4, 10, 5, -5)]
    [InlineData(4, 5, 6, 0)]
    [InlineData(4, 30, 90, 0)]
    public void A_difference_counts_as_far_as_it_is_certain(int before, int database, int after, int proven) =>
        Assert.Equal(TimeSpan.FromSeconds(proven), MemberClock.Proven(At(before), At(database), At(after)));

    [GeneratedRegex("DELETE FROM .+[0-9]")]
    private static partial Regex Removal();

    private static DateTimeOffset At(int second) => Rows.Now.AddSeconds(second);

    private IHost Member(string cluster = "sessioncluster")
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Storage:Provider"] = "postgresql",
            ["Storage:ConnectionString"] = _database,
            ["Cluster:ClusterId"] = cluster,
            ["Cluster:AdvertisedAddress"] = "127.0.0.1",
            ["Cluster:SiloPort"] = _ports[0].ToString(CultureInfo.InvariantCulture),
            ["Cluster:GatewayPort"] = _ports[1].ToString(CultureInfo.InvariantCulture),
            ["Cluster:Drain"] = "seconds=0",
        });
        builder.Logging.AddProvider(_logs);
        builder.Services.AddSingleton<TimeProvider>(_time);
        SiloHost.AddParts(builder);
        return builder.Build();
    }

    private async Task Execute(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_database);
        Assert.NotEqual(0, await source.CreateCommand(sql).ExecuteNonQueryAsync());
    }
}
