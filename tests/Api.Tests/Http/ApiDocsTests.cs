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

    [Theory]
    [InlineData("sessions_create", "pending_user.username", "client.device_cookie", "context.auth_method", "session.user_agent.device.brand", "cookies.set_cookie", "receipt.effective_everywhere_at")]
    [InlineData("sessions_validate", "client.ip", "binding.reason", "session.geo_ip.country", "reason")]
    public async Task Members_of_members_are_described_and_found(string operation, params string[] members)
    {
        var page = await Read($"/api/docs/{operation}/");
        foreach (var member in members)
        {
            Assert.Contains($"<code>{member}</code>", page, StringComparison.Ordinal);
            Assert.Contains($"/api/docs/{operation}/", await Read($"/api/docs/?q={member}"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_description_is_shown_without_the_marks_of_its_source()
    {
        foreach (var operation in SessionCluster.Api.Pages.ApiDocs.ApiDocument.Operations)
        {
            var page = await Read($"/api/docs/{operation.Id}/");
            Assert.False(page.Contains('`', StringComparison.Ordinal), operation.Id);
            Assert.DoesNotContain(". a problem", page, StringComparison.Ordinal);
        }

        Assert.Contains("Role <code>login</code>", await Read("/api/docs/sessions_create/"), StringComparison.Ordinal);
    }

    private async Task<string> Read(string path) => (await _host.Send("GET", path, null, ("Accept", "text/html"))).MustBe(200).Text;
}
