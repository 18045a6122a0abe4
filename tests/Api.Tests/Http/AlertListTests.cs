using SessionCluster.Alerts;

namespace SessionCluster.Api.Tests.Http;

/// <summary>How what alerts are made of is listed.</summary>
public sealed class AlertListTests
{
    [Theory]
    [InlineData("ordering=order", "0,1,2,10")]
    [InlineData("ordering=-order", "10,2,1,0")]
    [InlineData("ordering=timeout", "10,2,1,0")]
    [InlineData("ordering=-timeout", "0,1,2,10")]
    [InlineData("ordering=order&enabled=true", "0,2,10")]
    [InlineData("order=10", "10")]
    [InlineData("timeout=91", "1")]
    public async Task Bindings_are_ordered_by_numbers_as_numbers_and_filtered_by_their_text(string query, string orders)
    {
        await using var host = await ApiHost.Start();
        int[] stored = [10, 0, 2, 1];
        host.Grains.Alerts = new AlertItems(
            1, [], [], [], [.. stored.Select(order => new AlertBinding(Guid.NewGuid(), Guid.Empty, Guid.Empty, false, order != 1, order, 100 - (9 * order), false))]);

        var answer = (await host.Send("GET", "/api/v3/policies/bindings/?" + query)).MustBe(200);

        Assert.Equal(orders, string.Join(',', answer.Json["results"]!.AsArray().Select(row => (int)row!["order"]!)));
    }
}
