using Microsoft.Extensions.Time.Testing;
using SessionCluster.Api.Metrics;
using SessionCluster.Api.Pages.Console;

namespace SessionCluster.Api.Tests.Pages;

public sealed class HistoryTests
{
    [Fact]
    public async Task After_the_clock_was_set_back_the_minutes_begin_anew()
    {
        var time = new FakeTimeProvider();
        using var history = new History(new PrometheusText(), time);
        await history.StartedAsync(default);
        for (var minute = 0; minute < 3; minute++)
        {
            time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.InRange(history.Read().Minutes.Length, 3, 4);

        time.AdjustTime(time.GetUtcNow() - TimeSpan.FromHours(1));
        time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(time.GetUtcNow(), Assert.Single(history.Read().Minutes).At);
    }
}
