using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using SessionCluster.Api.Input;

namespace SessionCluster.Api.Tests.Input;

public sealed class PathSegmentTests
{
    /// <summary>The path is what the server makes of the request line: all but an encoded slash is decoded.</summary>
    [Theory]
    [InlineData("/users/a/", "/users/a/", "a")]
    [InlineData("/users/a%2Fb/?x=/y", "/users/a%2Fb/", "a/b")]
    [InlineData("/users/a%252Fb/", "/users/a%2Fb/", "a%2Fb")]
    [InlineData("/users/a%2541/", "/users/a%41/", "a%41")]
    [InlineData("http://host/users/a%2541/", "/users/a%41/", "a%41")]
    [InlineData("http://host/users/a%252Fb/", "/users/a%2Fb/", "a%2Fb")]
    [InlineData("/x/../users/a%2541/", "/users/a%41/", "a%41")]
    [InlineData("/x/../users/a%2fb/", "/users/a%2fb/", "a/b")]
    [InlineData("/users", "/users", "")]
    public void A_segment_is_decoded_once(string target, string path, string segment)
    {
        var context = new DefaultHttpContext();
        context.Features.Get<IHttpRequestFeature>()!.RawTarget = target;
        context.Request.Path = new PathString(path);

        Assert.Equal(segment, PathSegment.Read(context, 1));
    }
}
