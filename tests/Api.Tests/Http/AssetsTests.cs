namespace SessionCluster.Api.Tests.Http;

/// <summary>What pages load, and what they ask besides: assets by their hash, explained bindings.</summary>
public sealed class AssetsTests : IAsyncLifetime
{
    private static readonly (string, string) Html = ("Accept", "text/html");

    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.Start();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Assets_are_kept_for_good_under_the_hash_of_their_content()
    {
        var home = (await _host.Send("GET", "/", null, Html)).Text;
        var url = System.Text.RegularExpressions.Regex.Match(home, "/if/assets/[0-9a-f]{16}/style.css").Value;

        var style = (await _host.Send("GET", url)).MustBe(200);
        Assert.Equal(("text/css", "public, max-age=31536000, immutable"), (style.ContentType, style.Headers["Cache-Control"]));
        (await _host.Send("GET", url, null, ("If-None-Match", style.Headers["ETag"]))).MustBe(304);
        Assert.Equal("no-cache", (await _host.Send("GET", "/if/assets/0000000000000000/style.css")).MustBe(200).Headers["Cache-Control"]);
        Assert.Equal("br", (await _host.Send("GET", url, null, ("Accept-Encoding", "gzip, br"))).MustBe(200).Headers["Content-Encoding"]);
        (await _host.Send("GET", "/if/assets/0000000000000000/appsettings.json")).MustBe(404);
    }

    [Fact]
    public async Task A_binding_is_explained_by_mode_and_a_text_that_is_no_address_is_named()
    {
        var answer = (await _host.Send("POST", "/api/v3/bindings/explain/", """{"from":"1.2.3.4","to":"::ffff:5.6.7.8"}""")).MustBe(200);
        Assert.Equal("5.6.7.8", (string?)answer.Json["to"]!["ip"]);
        Assert.Equal(["bind_asn", "bind_asn_network", "bind_asn_network_ip", "bind_continent", "bind_continent_country", "bind_continent_country_city"], answer.Json["modes"]!.AsArray().Select(mode => (string)mode!["mode"]!));
        Assert.True((bool)answer.Json["modes"]![0]!["holds"]!);
        Assert.Equal("network.missing", (string?)answer.Json["modes"]![1]!["reason"]);

        var faulty = (await _host.Send("POST", "/api/v3/bindings/explain/", """{"from":"1.2.3","to":1}""")).MustBe(400, "invalid-request");
        Assert.NotNull(faulty.Json["errors"]!["from"]);
        Assert.NotNull(faulty.Json["errors"]!["to"]);
        (await _host.Send("POST", "/api/v3/bindings/explain/", "{}", ("Authorization", "Bearer login-only-key"))).MustBe(403, "forbidden");
    }
}
