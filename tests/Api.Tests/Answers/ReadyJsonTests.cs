using System.Text;
using SessionCluster.Api.Answers;

namespace SessionCluster.Api.Tests.Answers;

public sealed class ReadyJsonTests
{
    [Theory]
    [InlineData("curl/8.5.0")]
    [InlineData("")]
    [InlineData("a \"quoted\" {agent} <b>ünï</b> \\")]
    public void It_is_put_together_as_it_was(string agent)
    {
        var userAgent = UserAgentJson.Of(agent);
        byte[] json = [.. """{"uuid":"1","user_agent":"""u8, .. userAgent, .. ""","last_user_agent":""}"""u8];

        var ready = new ReadyJson(json, userAgent);
        var whole = new byte[ready.Length];
        ready.CopyTo(whole);

        Assert.Equal(Encoding.UTF8.GetString(json), Encoding.UTF8.GetString(whole));
    }

    [Fact]
    public void Sessions_with_the_same_user_agent_share_what_is_said_of_it() =>
        Assert.Same(UserAgentJson.Of("Mozilla/5.0 (X11)"), UserAgentJson.Of(new string("Mozilla/5.0 (X11)")));
}
