using System.Diagnostics.Metrics;

namespace SessionCluster;

/// <summary>
/// What the grains count; docs/metrics.md lists it. Static, because every activation counts and none should hold a field for
/// it. Tags are few and closed: no user, session or address is ever one.
/// </summary>
public static class SessionMetrics
{
    public const string MeterName = "SessionCluster";

    private static readonly Meter Meter = new(MeterName);

    private static readonly Counter<long> Checks =
        Meter.CreateCounter<long>("sessioncluster.grain.checks", "{check}", "Checks that reached the session's grain, by what it answered.");

    private static readonly Counter<long> Confirmations =
        Meter.CreateCounter<long>("sessioncluster.lease.confirmations", "{confirmation}", "Questions of session grains to the user's grain whether a session is live, by its answer.");

    private static readonly Counter<long> Shares =
        Meter.CreateCounter<long>("sessioncluster.shares.taken_back", "{share}", "Shares taken back from edges: acknowledged, or waited out.");

    private static readonly Counter<long> Logins =
        Meter.CreateCounter<long>("sessioncluster.logins", "{login}", "Logins, by their outcome.");

    private static readonly Counter<long> Endings =
        Meter.CreateCounter<long>("sessioncluster.endings", "{session}", "Sessions that a commit ended, by reason.");

    private static readonly Counter<long> Conflicts =
        Meter.CreateCounter<long>("sessioncluster.ledger.conflicts", "{conflict}", "Ledger writes that found another version and were decided again.");

    private static readonly Counter<long> Alerts =
        Meter.CreateCounter<long>("sessioncluster.alerts", "{notification}", "Attempts to deliver a notification, by the transport's mode and by their outcome.");

    private static readonly Counter<long> AlertsFailed =
        Meter.CreateCounter<long>("sessioncluster.alerts.failed", "{notification}", "Notifications that were given up and are kept as failed, by the transport's mode.");

    private static readonly Counter<long> AlertPlacesLost =
        Meter.CreateCounter<long>("sessioncluster.alerts.places_lost", "{place}", "Transports whose place in the event log was gone.");

    private static readonly Histogram<double> Effective = Meter.CreateHistogram(
        "sessioncluster.ending.duration",
        "s",
        "Time from the telling of a committed ending until it is effective everywhere.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15] });

    static SessionMetrics() => Meter.CreateObservableGauge(
        "sessioncluster.alerts.lag", () => AlertLag.Measure(mode => Tag("mode", Name(mode))), "s", "For how long the oldest notification waits that could not be delivered yet, by the transport's mode.");

    /// <summary>Adds nothing to each counter, with each set of its labels, so that all are shown before there is something to count.</summary>
    public static void ShowAll()
    {
        Show<SessionStatus>(Checks, "result");
        Show<LoginOutcome>(Logins, "outcome");
        Show<EndReason>(Endings, "reason");
        foreach (var answer in (ReadOnlySpan<string>)["true", "false"])
        {
            Confirmations.Add(0, Tag("live", answer));
            Shares.Add(0, Tag("waited_out", answer));
        }

        foreach (var mode in Enum.GetValues<TransportMode>())
        {
            Array.ForEach(Enum.GetValues<AlertOutcome>(), outcome => Alerts.Add(0, Tag("mode", Name(mode)), Tag("outcome", Name(outcome))));
            AlertsGivenUp(mode, 0);
        }

        AlertPlacesLost.Add(0);
        Conflicts.Add(0);
    }

    public static void Checked(SessionStatus status) => Checks.Add(1, Tag("result", Name(status)));

    public static void Confirmed(bool live) => Confirmations.Add(1, Tag("live", live ? "true" : "false"));

    public static void ShareTakenBack(bool waitedOut) => Shares.Add(1, Tag("waited_out", waitedOut ? "true" : "false"));

    public static void LoggedIn(LoginOutcome outcome) => Logins.Add(1, Tag("outcome", Name(outcome)));

    public static void Ended(EndReason reason) => Endings.Add(1, Tag("reason", Name(reason)));

    public static void Conflicted() => Conflicts.Add(1);

    public static void AlertSent(TransportMode mode, AlertOutcome outcome) => Alerts.Add(1, Tag("mode", Name(mode)), Tag("outcome", Name(outcome)));

    public static void AlertsGivenUp(TransportMode mode, int count) => AlertsFailed.Add(count, Tag("mode", Name(mode)));

    public static void AlertPlaceLost() => AlertPlacesLost.Add(1);

    public static void BecameEffective(TimeSpan after, bool waitedOut) =>
        Effective.Record(after.TotalSeconds, Tag("waited_out", waitedOut ? "true" : "false"));

    private static void Show<T>(Counter<long> counter, string label)
        where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
        {
            counter.Add(0, Tag(label, Name(value)));
        }
    }

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    private static string Name<T>(T value)
        where T : struct, Enum => Enum.GetName(value) is { } name ? JsonNamingPolicy.SnakeCaseLower.ConvertName(name) : "other";
}
