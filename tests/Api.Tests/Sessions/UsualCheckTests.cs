using System.Text;
using System.Text.Json;
using SessionCluster.Api.Sessions;

namespace SessionCluster.Api.Tests.Sessions;

/// <summary>The quick reader of a check's body takes nothing that JSON's own reader refuses, and reads the same from what it takes.</summary>
public sealed class UsualCheckTests
{
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false };

    private static readonly byte[] Signs = [.. "{}[]:,\"\\ \n\t/0anu"u8, 0, 0x1F, 0x7F, 0xC3, 0xFF];

    [Theory]
    [InlineData("""{"token":"T","client":{"ip":"1.2.3.4"}}""")]
    [InlineData("""{"token":"T","client":{"ip":"1.2.3.4","user_agent":"","method":"GET","path":"/é?x=1"}}""")]
    [InlineData("""{"client":{"path":"/","ip":"::FFFF:1.2.3.4"},"token":""}""")]
    [InlineData(" {\n\t\"token\" : \"T\" ,\r\n \"client\" : { \"ip\" : \"1.2.3.4\" , \"method\" : \"GET\" } } ")]
    public void A_usual_body_is_taken(string body) => Assert.True(TakesWhatJsonSays(Encoding.UTF8.GetBytes(body)));

    [Theory]
    [InlineData("""{"token":"T","client":{"ip":"1.2.3.4","args":{}}}""")]
    [InlineData("""{"token":"T","client":{"ip":"1.2.3.4"},"more":"x"}""")]
    [InlineData("""{"token":"\u0054","client":{"ip":"1.2.3.4"}}""")]
    [InlineData("""{"token":1,"client":{"ip":"1.2.3.4"}}""")]
    [InlineData("""{"token":"T","token":"T","client":{"ip":"1.2.3.4"}}""")]
    [InlineData("""{"token":"T","client":{"ip":"1.2.3.4","ip":"1.2.3.4"}}""")]
    [InlineData("""{"token":"T","client":{}}""")]
    [InlineData("""{"\ud800":1,"token":"T","client":{"ip":"1.2.3.4"}}""")]
    [InlineData("""{"token":"T","client":{"ip":"1.2.3.4","\ud800":1}}""")]
    [InlineData("{\"token\":\"T\0\",\"client\":{\"ip\":\"1.2.3.4\"}}")]
    public void Any_other_is_left(string body) => Assert.False(TakesWhatJsonSays(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void With_any_byte_taken_out_put_in_or_changed_nothing_is_taken_that_is_no_JSON()
    {
        var body = """{"token":"T", "client":{"ip":"1.2.3.4","user_agent":"é","path":"/"}}"""u8.ToArray();
        var taken = 0;
        for (var at = 0; at < body.Length; at++)
        {
            taken += Count([.. body[..at], .. body[(at + 1)..]]);
            foreach (var sign in Signs)
            {
                taken += Count([.. body[..at], sign, .. body[at..]]) + Count([.. body[..at], sign, .. body[(at + 1)..]]);
            }
        }

        Assert.InRange(taken, 100, body.Length * Signs.Length);

        static int Count(byte[] body) => TakesWhatJsonSays(body) ? 1 : 0;
    }

    private static bool TakesWhatJsonSays(byte[] body)
    {
        if (!UsualCheck.TryRead(body, out var check))
        {
            return false;
        }

        using var document = JsonDocument.Parse(body, Options);
        var client = document.RootElement.GetProperty("client");
        Assert.Equal(document.RootElement.GetProperty("token").GetString(), Encoding.UTF8.GetString(check.Token));
        Assert.Equal(client.GetProperty("ip").GetString(), Encoding.UTF8.GetString(check.Ip));
        if (check.ReadClient() is { } read)
        {
            Assert.Equal(Text("user_agent"), read.UserAgent);
            Assert.Equal(Text("method"), read.Method);
            Assert.Equal(Text("path").Split('?', '#')[0], read.Path);
        }

        return true;

        string Text(string name) => client.TryGetProperty(name, out var value) ? value.GetString()! : "";
    }
}
