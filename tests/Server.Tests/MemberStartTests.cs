using System.Net;
using System.Net.Sockets;
using static SessionCluster.Server.Tests.StartTests;

namespace SessionCluster.Server.Tests;

/// <summary>What stops the start of a member of a cluster, and what it says then.</summary>
[Trait("Server", "Own")]
public sealed class MemberStartTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [PostgreSqlTheory]
    [InlineData("Cluster:SiloPort")]
    [InlineData("Cluster:GatewayPort")]
    public async Task A_port_that_is_taken_stops_the_start_and_is_named(string setting)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var (exitCode, log) = await ServerProcess.StartKindRefused(_folder.In("data"), ServerKind.OnPostgreSql, $"{setting}={port}");

        AssertToldPlainly(exitCode, log, $"{setting} is {port}");
    }

    [PostgreSqlFact]
    public async Task Two_members_with_the_same_ports_do_not_take_them_from_each_other()
    {
        await using var first = await ServerProcess.StartKind(_folder.In("data"), ServerKind.OnPostgreSql);

        var (exitCode, log) = await ServerProcess.StartKindRefused(_folder.In("data"), ServerKind.OnPostgreSql);

        AssertToldPlainly(exitCode, log, "Cluster:GatewayPort is", "Address already in use");
        Assert.Null(await first.Api.WhyNot((await first.Api.Login(Actions.NewUser())).Token));
    }

    [PostgreSqlTheory]
    [InlineData("192.0.2.77", "is 192.0.2.77, under which this silo does not reach itself")]
    [InlineData("2001:db8::77", "is 2001:db8::77, under which this silo does not reach itself")]
    [InlineData("0.0.0.0", "is '0.0.0.0'; it must be an IP address of this host")]
    [InlineData("::", "is '::'; it must be an IP address of this host")]
    public async Task An_address_that_does_not_lead_to_the_silo_stops_the_start_and_is_named(string address, string told)
    {
        var (exitCode, log) = await ServerProcess.StartKindRefused(_folder.In("data"), ServerKind.OnPostgreSql, $"Cluster:AdvertisedAddress={address}");

        AssertToldPlainly(exitCode, log, $"Cluster:AdvertisedAddress {told}");
    }

    [PostgreSqlFact]
    public async Task A_second_cluster_on_the_same_database_is_refused_until_the_first_is_gone()
    {
        var data = _folder.In("data");
        await using (var first = await ServerProcess.StartKind(data, ServerKind.OnPostgreSql))
        {
            var (exitCode, log) = await Second();

            AssertToldPlainly(exitCode, log, "Cluster:ClusterId is 'second', but the cluster 'sessioncluster' serves the same database");
            var login = await first.Api.Login(Actions.NewUser());
            Assert.Null(await first.Api.WhyNot(login.Token));
            Assert.Equal(0, await first.Terminate());
        }

        await using var follower = await ServerProcess.StartKind(data, ServerKind.OnPostgreSql, "Cluster:ClusterId=second");
        Assert.Null(await follower.Api.WhyNot((await follower.Api.Login(Actions.NewUser())).Token));

        Task<(int ExitCode, string Log)> Second() => ServerProcess.StartKindRefused(
            _folder.In("other"), ServerKind.OnPostgreSql, $"Storage:ConnectionString={TestStorage.Database(data)}", "Cluster:ClusterId=second");
    }

    [Fact]
    public async Task A_database_that_is_away_stops_the_start_and_its_setting_is_named()
    {
        var port = TestPorts.Free();

        var (exitCode, log) = await ServerProcess.StartKindRefused(
            _folder.In("data"), ServerKind.OnSqlite, [.. TestStorage.Member($"Host=127.0.0.1;Port={port};Database=none;Username=nobody", 1, 2)]);

        AssertToldPlainly(exitCode, log, $"127.0.0.1:{port} cannot be reached", "Storage:ConnectionString");
        Assert.Matches(@"cannot be reached \(.+\)\. Start it", log);
    }

    [PostgreSqlFact]
    public async Task An_api_that_is_told_to_stop_before_it_finds_a_silo_stops()
    {
        using var cluster = new ProcessCluster();
        var api = cluster.Api();
        api.Start();
        await Poll.Until(() => Task.FromResult(api.Log.Contains("No silo can be reached yet", StringComparison.Ordinal)));

        Assert.Equal(0, await api.Terminate());

        Assert.Contains("Storage:ConnectionString", api.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", api.Log, StringComparison.Ordinal);
    }
}
