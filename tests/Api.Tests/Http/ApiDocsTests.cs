namespace SessionCluster.Api.Tests.Http;

public sealed class ApiDocsTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.Start();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task The_apis_description_is_searched_for_so_many_words_and_no_more()
    {
        const string Words = "e a i o u s n t r l d p c m h g";

        Assert.Contains("/api/v3/sessions/", (await _host.Send("GET", $"/api/docs/?q={Words} nowhere", null, ("Accept", "text/html"))).MustBe(200).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("/api/v3/sessions/", (await _host.Send("GET", $"/api/docs/?q=nowhere {Words}", null, ("Accept", "text/html"))).MustBe(200).Text, StringComparison.Ordinal);
    }
}
