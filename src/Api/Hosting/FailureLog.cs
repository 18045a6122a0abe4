using System.Collections.Concurrent;

namespace SessionCluster.Api.Hosting;

/// <summary>Logs requests that failed. An outage fails all requests for as long as it lasts, so each kind of outage is logged once a minute.</summary>
internal sealed partial class FailureLog(TimeProvider time, ILogger<FailureLog> logger)
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(string Problem, Type Cause), long> _reported = new();

    /// <summary>Logs a fault of the program.</summary>
    public void Fault(Exception exception, HttpContext context) => Failed(exception, context.Request.Method, Routes.PatternOf(context));

    /// <summary>Logs an outage, unless one of its kind was logged a moment ago.</summary>
    public void Outage(Outage outage, HttpContext context)
    {
        var (kind, now) = ((outage.Problem.Slug, outage.Cause.GetType()), time.GetTimestamp());
        var isDue = _reported.TryGetValue(kind, out var last)
            ? time.GetElapsedTime(last, now) >= ReportEvery && _reported.TryUpdate(kind, now, last)
            : _reported.TryAdd(kind, now);
        if (isDue)
        {
            // What the caller hears. Orleans' own text has the call in it, with the user's key.
            NotServed(context.Request.Method, Routes.PatternOf(context), outage.Problem.Slug, outage.Cause.GetType().Name, outage.Detail);
        }
    }

    [LoggerMessage(3101, LogLevel.Error, "{Method} {Route} failed.")]
    private partial void Failed(Exception exception, string method, string route);

    [LoggerMessage(3102, LogLevel.Warning, "{Method} {Route} was answered {Problem} because of {Cause}: {Reason} Others like it are logged once a minute.")]
    private partial void NotServed(string method, string route, string problem, string cause, string reason);
}
