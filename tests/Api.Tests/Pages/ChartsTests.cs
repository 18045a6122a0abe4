using SessionCluster.Api.Pages.Console;

namespace SessionCluster.Api.Tests.Pages;

public sealed class ChartsTests
{
    [Theory]
    [InlineData(0, "<ol aria-hidden=\"true\"><li></li><li></li><li>0</li></ol>")]
    [InlineData(5, "<ol aria-hidden=\"true\"><li>5</li><li>2.5</li><li>0</li></ol>")]
    public async Task The_axis_of_a_chart_has_one_zero(double most, string axis)
    {
        await using var page = new StringWriter();
        await Charts.Create(new ChartsModel([(DateTimeOffset.UnixEpoch, 0), (DateTimeOffset.UnixEpoch.AddMinutes(1), most)], [])).RenderAsync(page);

        Assert.Contains(axis, page.ToString(), StringComparison.Ordinal);
    }
}
