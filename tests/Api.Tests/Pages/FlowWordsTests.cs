using Microsoft.AspNetCore.Http;
using SessionCluster.Api.Pages.Words;

namespace SessionCluster.Api.Tests.Pages;

public sealed class FlowWordsTests
{
    [Theory]
    [InlineData("de", "1.825 Tage")]
    [InlineData("en", "1,825 days")]
    public void A_large_number_is_written_as_its_language_writes_it(string language, string expected)
    {
        var request = new DefaultHttpContext().Request;
        request.Headers.AcceptLanguage = language;

        Assert.Equal(expected, FlowWords.For(request).Length(TimeSpan.FromDays(1825)));
    }

    [Theory]
    [InlineData("de", "erlauben Sie Cookies")]
    [InlineData("en", "allow cookies")]
    public void A_login_that_is_over_may_be_so_for_want_of_a_cookie(string language, string expected)
    {
        var request = new DefaultHttpContext().Request;
        request.Headers.AcceptLanguage = language;

        Assert.Contains(expected, FlowWords.For(request)["denied.over"], StringComparison.Ordinal);
    }
}
