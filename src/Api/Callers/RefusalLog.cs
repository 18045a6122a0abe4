using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace SessionCluster.Api.Callers;

/// <summary>
/// Counts requests that were refused for who sent them, and warns of them with the client's address: somebody may be trying keys or
/// tokens. The first of a kind is logged at once, then at most one line a minute, which says how many it stands for.
/// </summary>
internal sealed partial class RefusalLog
{
    /// <summary>A key that is not one of ours, or an Authorization header of another kind.</summary>
    public const string WrongCredentials = "wrong_credentials";

    /// <summary>A session token that is cut, altered, forged, or of a key that was dropped.</summary>
    public const string MalformedToken = "malformed_token";

    /// <summary>A plan's token, or the code of a plan's page or of a mail's link, that is cut, altered, forged, or of a key that was dropped.</summary>
    public const string MalformedCode = "malformed_code";

    /// <summary>A right key or session that may not do this.</summary>
    public const string Forbidden = "forbidden";

    /// <summary>A request by cookie that did not come from our own pages.</summary>
    public const string Csrf = "csrf";

    private static readonly TimeSpan ReportEvery = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Reported> _reported = new();

    private readonly Counter<long> _refused;

    private readonly ConnectionClient _connection;

    private readonly TimeProvider _time;

    private readonly ILogger _logger;

    public RefusalLog(ConnectionClient connection, IMeterFactory meters, TimeProvider time, ILogger<RefusalLog> logger)
    {
        (_connection, _time, _logger) = (connection, time, logger);
        _refused = meters.Create(MetricOptions.OwnMeter).CreateCounter<long>("sessioncluster.refused.requests", "{request}", "Requests that were refused for who sent them, by reason.");
    }

    public void ShowAll()
    {
        foreach (var reason in (ReadOnlySpan<string>)[WrongCredentials, MalformedToken, MalformedCode, Forbidden, Csrf])
        {
            _refused.Add(0, new KeyValuePair<string, object?>("reason", reason));
        }
    }

    /// <summary>Notes a refusal; the process has one log of them.</summary>
    /// <param name="reason">Why, one of the constants.</param>
    /// <param name="address">Where it came from, when the request acts for somebody else.</param>
    /// <param name="hint">What whoever runs the server can do about it, a sentence after a space.</param>
    public static void Note(HttpContext context, string reason, string? address = null, string hint = "") =>
        context.RequestServices?.GetService<RefusalLog>()?.Add(context, reason, address, hint);

    private void Add(HttpContext context, string reason, string? address, string hint)
    {
        _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));
        var kind = _reported.GetOrAdd(reason, static _ => new Reported());
        var unreported = Interlocked.Increment(ref kind.Unreported);
        var (now, last) = (_time.GetTimestamp(), Volatile.Read(ref kind.At));
        var isDue = last == 0 || _time.GetElapsedTime(last, now) >= ReportEvery;
        if (isDue && Interlocked.CompareExchange(ref kind.At, now, last) == last)
        {
            Interlocked.Add(ref kind.Unreported, -unreported);
            var from = address ?? ClientAddress.Canonical(_connection.Address(context));
            Refused(context.Request.Method, Routes.PatternOf(context), from, reason, unreported - 1, hint);
        }
    }

    [LoggerMessage(3111, LogLevel.Warning, "{Method} {Route} from {Address} was refused ({Reason}), and {Others} others before it since the last such line; one line a minute for each reason.{Hint}")]
    private partial void Refused(string method, string route, string address, string reason, long others, string hint);

    /// <summary>What was logged of one reason.</summary>
    private sealed class Reported
    {
        public long At;

        public long Unreported;
    }
}
