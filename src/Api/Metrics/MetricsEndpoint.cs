using SessionCluster.Api.Callers;

namespace SessionCluster.Api.Metrics;

/// <summary><c>/metrics</c>: the meters of this process for Prometheus.</summary>
internal sealed class MetricsEndpoint(PrometheusText metrics)
{
    public Task Get(HttpContext context, Caller caller)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Response.ContentType = PrometheusText.ContentType;
        return context.Response.WriteAsync(metrics.Read(), context.RequestAborted);
    }
}
