namespace SessionCluster.Api.Metrics;

/// <summary><c>/metrics</c>: the meters of this process for Prometheus.</summary>
internal sealed class MetricsEndpoint(PrometheusText metrics, StorageGauges storage)
{
    public async Task Get(HttpContext context, Caller caller)
    {
        await storage.Refresh();
        context.Response.ContentType = PrometheusText.ContentType;
        await context.Response.WriteAsync(metrics.Read(), context.RequestAborted);
    }
}
