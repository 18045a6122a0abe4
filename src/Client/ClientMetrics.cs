using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace SessionCluster.Client;

/// <summary>The meter and the activity source <c>SessionCluster.Client</c>.</summary>
internal sealed class ClientMetrics
{
    public const string Name = "SessionCluster.Client";

    public static readonly ActivitySource Activities = new(Name);

    private readonly Counter<long> _checks;
    private readonly Histogram<double> _duration;

    public ClientMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        _checks = meter.CreateCounter<long>("sessioncluster.client.checks", "{check}", "Checks of sessions, by their outcome.");
        _duration = meter.CreateHistogram<double>("sessioncluster.client.check.duration", "s", "How long checks of sessions took.");
    }

    /// <summary>Counts a check.</summary>
    /// <param name="outcome">
    /// The state that the server told (<c>active</c>, <c>revoked</c> and the like), or <c>refused</c> for a refused call, <c>unavailable</c> where
    /// no answer was had, and <c>cancelled</c> where the caller did not wait for one.
    /// </param>
    /// <param name="took">How long it took.</param>
    public void Checked(string outcome, TimeSpan took)
    {
        _checks.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        _duration.Record(took.TotalSeconds, new KeyValuePair<string, object?>("outcome", outcome));
    }
}
