using System.Diagnostics.Metrics;
using SessionCluster.Sessions;

namespace SessionCluster.Grains.Tests;

public sealed class SessionMetricsTests
{
    [Fact]
    public void Outcomes_are_told_in_snake_case()
    {
        var seen = new System.Collections.Concurrent.ConcurrentBag<string?>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Name == "sessioncluster.endings")
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => seen.Add((string?)tags[0].Value));
        listener.Start();

        SessionMetrics.Ended(EndReason.ReplacedByLogin);
        SessionMetrics.Ended((EndReason)999);

        Assert.Contains("replaced_by_login", seen);
        Assert.Contains("other", seen);
    }
}
