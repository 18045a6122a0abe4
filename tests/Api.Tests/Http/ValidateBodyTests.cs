namespace SessionCluster.Api.Tests.Http;

/// <summary>A check's body is read in one of two ways, by its form; both must say the same.</summary>
public sealed class ValidateBodyTests : IAsyncLifetime
{
    private const string Path = "/api/v3/sessions/validate/";

    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.Start();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("""{"ip":"5.6.7.8"}""")]
    [InlineData("""{"ip":"::FFFF:5.6.7.8"}""")]
    [InlineData("""{"ip":"2001:DB8::0:1","user_agent":""}""")]
    [InlineData("""{"user_agent":"Prohlížeč 😀","method":"PATCH","path":"/a/č?token=1#x","ip":"5.6.7.8"}""")]
    [InlineData("""{"ip":"5.6.7.8","user_agent":"x","method":"POST","path":""}""")]
    public async Task A_usual_body_says_what_it_says_with_an_unknown_member(string client)
    {
        var token = _host.Tokens.Issue(_host.Grains.Add("42").Id);

        (await _host.Send("POST", Path, $$"""{"token":"{{token}}","client":{{client}}}""")).MustBe(200);
        var usual = _host.Grains.Last<Validated>();
        (await _host.Send("POST", Path, $$"""{"client":{{client}},"unknown":1,"token":"{{token}}"}""")).MustBe(200);

        Assert.Equal(_host.Grains.Last<Validated>() with { Client = _host.Grains.Last<Validated>().Client with { RequestId = "" } }, usual);
    }

    [Theory]
    [InlineData("""{"token":"T","token":"T","client":{"ip":"5.6.7.8"}}""")]
    [InlineData("""{"token":"T","client":{"ip":"5.6.7.8","ip":"5.6.7.8"}}""")]
    [InlineData("""{"token":"T","client":{"ip":"5.6.7.8"},"client":{"ip":"5.6.7.8"}}""")]
    [InlineData("""{"token":"T","client":{"ip":"5.6.7.300"}}""")]
    [InlineData("""{"token":"T","client":{"ip":""}}""")]
    [InlineData("""{"token":"T","client":{}}""")]
    [InlineData("""{"token":"T","client":null}""")]
    [InlineData("""{"token":"T"}""")]
    [InlineData("""{"token":null,"client":{"ip":"5.6.7.8"}}""")]
    [InlineData("""{"client":{"ip":"5.6.7.8"}}""")]
    [InlineData("""{"token":"T","client":{"ip":"5.6.7.8"}} x""")]
    [InlineData("""{"token":"T","client":{"ip":"5.6.7.8"}""")]
    [InlineData("""["token"]""")]
    [InlineData("")]
    public async Task A_faulty_body_is_refused_and_touches_no_grain(string body)
    {
        var token = _host.Tokens.Issue(_host.Grains.Add("42").Id);
        var answer = await _host.Send("POST", Path, body.Replace("\"T\"", $"\"{token}\"", StringComparison.Ordinal));
        Assert.Equal(400, answer.Status);
        Assert.Empty(_host.Grains.Calls);
    }

    [Fact]
    public async Task A_body_that_is_no_utf8_is_refused()
    {
        var body = "{\"token\":\"é\",\"client\":{\"ip\":\"5.6.7.8\"}}"u8.ToArray();
        body[Array.IndexOf(body, (byte)0xC3)] = 0xFF;
        Assert.Equal(400, (await _host.Send("POST", Path, body)).Status);
    }

    [Fact]
    public async Task A_usual_body_of_another_type_is_refused()
    {
        var token = _host.Tokens.Issue(_host.Grains.Add("42").Id);
        var body = $$$"""{"token":"{{{token}}}","client":{"ip":"5.6.7.8"}}""";
        Assert.Equal(415, (await _host.Send("POST", Path, body, ("Content-Type", "text/plain"))).Status);
        Assert.Equal(200, (await _host.Send("POST", Path, body, ("Content-Type", "application/json; charset=utf-8"))).Status);
    }

    [Theory]
    [InlineData("user_agent", 2048, 200)]
    [InlineData("user_agent", 2049, 400)]
    [InlineData("method", 33, 200)]
    [InlineData("path", 2049, 200)]
    public async Task A_long_field_is_refused_or_cut_as_in_every_body(string member, int length, int status)
    {
        var token = _host.Tokens.Issue(_host.Grains.Add("42").Id);
        var body = $$$"""{"token":"{{{token}}}","client":{"ip":"5.6.7.8","{{{member}}}":"{{{new string('x', length)}}}"}}""";
        Assert.Equal(status, (await _host.Send("POST", Path, body)).Status);
    }
}
