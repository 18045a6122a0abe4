using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using SessionCluster.Api.Clients;

namespace SessionCluster.Api.Tests.Clients;

public sealed class SecretMaskTests
{
    [Theory]
    [InlineData("""{}""", """{}""")]
    [InlineData("""{"next":"/a","n":1}""", """{"next":"/a","n":1}""")]
    [InlineData("""{"Access_TOKEN":"x","a":{"apiKey":{"b":1}},"list":[{"code":"1"}]}""",
        """{"Access_TOKEN":"********","a":{"apiKey":"********"},"list":[{"code":"********"}]}""")]
    [InlineData("""{"password":null,"my_secret":["a"],"known_device":true}""",
        """{"password":"********","my_secret":"********","known_device":true}""")]
    public void Values_under_names_of_secrets_become_asterisks(string given, string masked)
    {
        using var document = JsonDocument.Parse(given);
        Assert.Equal(masked, SecretMask.Mask(document.RootElement));
    }

    [Fact]
    public void Query_parameters_are_masked_too()
    {
        var query = new QueryCollection(new Dictionary<string, StringValues>
        {
            ["next"] = "/a", ["code"] = "123", ["tag"] = new StringValues(["x", "y"]),
        });
        Assert.Equal("""{"next":"/a","code":"********","tag":["x","y"]}""", SecretMask.Mask(query));
    }

    [Theory]
    [InlineData("/a/b?code=1", "/a/b")]
    [InlineData("/a#part?x", "/a")]
    [InlineData("/a", "/a")]
    [InlineData("", "")]
    public void A_path_loses_its_query(string path, string kept) => Assert.Equal(kept, ClientFields.WithoutQuery(path));
}
