using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;

namespace SessionCluster.Api.Tests.Hosting;

public sealed class ApiPoolTests
{
    /// <summary>The same connection string serves silos and Apis; more at least than at most would be no pool at all.</summary>
    [Fact]
    public async Task An_Api_keeps_its_few_connections_whatever_the_connection_string_says_of_the_pool()
    {
        await using var app = SessionCluster.Api.Hosting.ApiHost.Build(
        [
            "--Storage:ConnectionString=Host=x;Minimum Pool Size=5;Maximum Pool Size=50", $"--Keys:0={Convert.ToBase64String(new byte[32])}",
            "--Api:BootstrapKey=key-of-the-tests-with-every-role",
        ]);

        var pool = new NpgsqlConnectionStringBuilder(app.Services.GetRequiredService<IOptions<AdoNetClusteringClientOptions>>().Value.ConnectionString);

        Assert.Equal((0, 2), (pool.MinPoolSize, pool.MaxPoolSize));
    }
}
