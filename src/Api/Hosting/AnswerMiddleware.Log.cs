using Microsoft.Extensions.Logging;

namespace SessionCluster.Api.Hosting;

internal sealed partial class AnswerMiddleware
{
    [LoggerMessage(3101, LogLevel.Error, "{Method} {Route} failed.")]
    private partial void Failed(Exception exception, string method, string route);

    [LoggerMessage(3102, LogLevel.Warning, "{Method} {Route} timed out; its outcome is unknown.")]
    private partial void TimedOut(Exception exception, string method, string route);
}
