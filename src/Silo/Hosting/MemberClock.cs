using System.Diagnostics.Metrics;
using Orleans.Configuration;

namespace SessionCluster.Silo.Hosting;

/// <summary>
/// Compares the clock of this machine with that of the database, which all members share. Members take one another for dead by their
/// clocks, and know by them which start at an address is the newest: so a wrong clock stops the start, and one that goes wrong later is warned of.
/// </summary>
internal sealed partial class MemberClock : LifecycleStep
{
    /// <summary>From which difference on a member does not start. Two members may then be twice as far apart, which docs/correctness.md assumes of clocks.</summary>
    public static readonly TimeSpan Refused = TimeSpan.FromSeconds(15);

    /// <summary>Beyond which difference a member that runs is warned.</summary>
    public static readonly TimeSpan Warned = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);

    private readonly NpgsqlDataSource _database;
    private readonly ILocalSiloDetails _silo;
    private readonly IOptions<ClusterOptions> _cluster;
    private readonly TimeProvider _time;
    private readonly ILogger<MemberClock> _log;
    private long _offset;
    private bool _isWrong;

    public MemberClock(
        NpgsqlDataSource database, ILocalSiloDetails silo, IOptions<ClusterOptions> cluster, TimeProvider time, IMeterFactory meters, ILogger<MemberClock> log)
    {
        (_database, _silo, _cluster, _time, _log) = (database, silo, cluster, time, log);
        meters.Create(SessionMetrics.MeterName).CreateObservableGauge(
            "sessioncluster.clock.offset", () => TimeSpan.FromTicks(Interlocked.Read(ref _offset)).TotalSeconds, "s", "By how much the clock of this machine is ahead of the database's.");
    }

    /// <summary>Whether the clock is as wrong now as it must not be at a start.</summary>
    public bool IsFarOff => TimeSpan.FromTicks(Interlocked.Read(ref _offset)).Duration() >= Refused;

    /// <exception cref="InvalidDataException">The clock of this machine, or that of the database's, is wrong.</exception>
    public override async Task StartingAsync(CancellationToken cancellationToken)
    {
        var own = _silo.SiloAddress;
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        await using var command = connection.Command(
            "SELECT clock_timestamp(), (SELECT max(Generation) FROM OrleansMembershipTable WHERE DeploymentId = $1 AND Address = $2 AND Port = $3)",
            _cluster.Value.ClusterId, own.Endpoint.Address.ToString(), own.Endpoint.Port);
        var before = _time.GetUtcNow();
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var (database, after) = (new DateTimeOffset(row.GetDateTime(0)), _time.GetUtcNow());
        var offset = Proven(before, database, after);
        if (offset.Duration() >= Refused)
        {
            throw new InvalidDataException(
                $"The clock of this machine says {after:u}, and that of the database's machine {database:u}: this one is {InWords(offset)}. The clocks of a cluster's members "
                + $"must agree within a few seconds, and from {Refused.TotalSeconds:0} on none starts. Set the one that is wrong, best by NTP (chrony), and start again.");
        }

        // A silo's generation is the second in which it started; Orleans gives up a silo that finds a newer one at its own address, also one that is dead.
        if (!await row.IsDBNullAsync(1, cancellationToken) && row.GetInt32(1) is var newest && newest > own.Generation)
        {
            throw new InvalidDataException(
                $"The clock of this machine was set back: an earlier start at {own.Endpoint} has a time {(long)newest - own.Generation} seconds ahead, and would count as the newer one. "
                + $"Wait that long, set another {ClusterSettings.Section}:{nameof(SiloSettings.SiloPort)}, or, if nothing runs there, remove its row: DELETE FROM OrleansMembershipTable WHERE "
                + $"DeploymentId = '{_cluster.Value.ClusterId}' AND Address = '{own.Endpoint.Address}' AND Port = {own.Endpoint.Port} AND Generation > {own.Generation}.");
        }
    }

    /// <summary>Takes in what the database's clock said between two moments of the own one.</summary>
    public void Compare(DateTimeOffset before, DateTimeOffset database, DateTimeOffset after)
    {
        var offset = Proven(before, database, after);
        Interlocked.Exchange(ref _offset, offset.Ticks);
        // A second of slack, and a slow read proves nothing: at the border it would say both in turn.
        var isWrong = _isWrong ? after - before > Slack || offset.Duration() > Warned - Slack : offset.Duration() > Warned;
        if (isWrong && !_isWrong)
        {
            LogWrong(InWords(offset));
        }
        else if (_isWrong && !isWrong)
        {
            LogRight(Warned.TotalSeconds);
        }

        _isWrong = isWrong;
    }

    /// <summary>The least difference that explains the three moments: a question that took long, as on a machine that slept, proves nothing.</summary>
    internal static TimeSpan Proven(DateTimeOffset before, DateTimeOffset database, DateTimeOffset after) =>
        before > database ? before - database : after < database ? after - database : TimeSpan.Zero;

    private static string InWords(TimeSpan offset) =>
        string.Create(CultureInfo.InvariantCulture, $"{offset.Duration().TotalSeconds:0.#} seconds {(offset > TimeSpan.Zero ? "ahead" : "behind")}");

    [LoggerMessage(
        4171, LogLevel.Warning,
        "The clock of this machine is {Offset}, compared with the database's. Members may take one another for dead by mistake; set it, best by NTP (chrony).", EventName = "ClockWrong")]
    private partial void LogWrong(string offset);

    [LoggerMessage(4172, LogLevel.Information, "The clock of this machine agrees with the database's within {Seconds} seconds again.", EventName = "ClockRight")]
    private partial void LogRight(double seconds);
}
