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
}
