using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using SessionCluster.Api.Hosting;

namespace SessionCluster.Api.Tests.Hosting;

public sealed class StartFailureTests
{
    [Fact]
    public void A_file_that_may_not_be_read_is_named() => Assert.StartsWith(
        "Access to the path '/etc/tls/key.pem' is denied. Give the user of this process the right to it",
        StartFailure.Explain(new UnauthorizedAccessException("Access to the path '/etc/tls/key.pem' is denied.")),
        StringComparison.Ordinal);

    [Theory]
    [InlineData(SocketError.AddressNotAvailable)]
    [InlineData(SocketError.AccessDenied)]
    public void An_address_that_cannot_be_listened_on_leads_to_its_setting(SocketError error) =>
        Assert.StartsWith("One of urls (ASPNETCORE_URLS)", StartFailure.Explain(new SocketException((int)error)), StringComparison.Ordinal);

    [Fact]
    public async Task A_port_in_use_leads_to_its_setting_and_says_what_to_do()
    {
        await using var first = App("http://127.0.0.1:0");
        await first.StartAsync();
        await using var second = App(first.Urls.Single());

        var text = StartFailure.Explain(await Assert.ThrowsAsync<IOException>(() => second.StartAsync()));

        Assert.Contains(first.Urls.Single(), text, StringComparison.Ordinal);
        Assert.Contains("Stop the process that uses it, or set another port in urls (ASPNETCORE_URLS)", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fault_of_the_program_is_not_explained_away() => Assert.Null(StartFailure.Explain(new ArgumentNullException("x")));

    private static WebApplication App(string url)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(url);
        builder.Logging.ClearProviders();
        return builder.Build();
    }
}
