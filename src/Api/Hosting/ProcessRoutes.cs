using Microsoft.AspNetCore.Builder;

namespace SessionCluster.Api.Hosting;

/// <summary>What a process without the API shows over HTTP: its health and its meters, as those of the API do, and nothing else.</summary>
public static class ProcessRoutes
{
    private static readonly string[] GetOrHead = ["GET", "HEAD"];

    /// <summary>Registers what <see cref="MapProcess"/> needs. The host brings <see cref="IReadiness"/>.</summary>
    public static IServiceCollection AddProcessRoutes(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<HealthEndpoints>();
        services.AddSingleton<FailureLog>();
        return services.AddTelemetry(configuration);
    }

    /// <summary>Mounts <c>/health</c>, <c>/health/live</c>, <c>/health/ready</c> and <c>/metrics</c>.</summary>
    public static WebApplication MapProcess(this WebApplication app)
    {
        app.UseApart();
        // Where a proxy comes here by mistake, no path may lead its request past a refusal.
        app.UseMiddleware<ForwardAuthTarget>();
        Map(app.Services, (path, answer) => app.MapMethods(path, GetOrHead, context => answer(context, Caller.Anyone)));
        return app;
    }

    /// <summary>Mounts the same by <paramref name="getOrHead"/>.</summary>
    internal static void Map(IServiceProvider services, Action<string, Func<HttpContext, Caller, Task>> getOrHead)
    {
        getOrHead("/health", HealthEndpoints.Paths);
        getOrHead("/health/live", HealthEndpoints.Live);
        getOrHead("/health/ready", services.GetRequiredService<HealthEndpoints>().Ready);
        getOrHead("/metrics", services.GetRequiredService<MetricsEndpoint>().Get);
    }
}
