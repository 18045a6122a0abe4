using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using SessionCluster.Api.Callers;
using SessionCluster.Api.Clients;
using SessionCluster.Api.Commits;
using SessionCluster.Api.Events;
using SessionCluster.Api.Flows;
using SessionCluster.Api.ForwardAuth;
using SessionCluster.Api.Health;
using SessionCluster.Api.Keys;
using SessionCluster.Api.Metrics;
using SessionCluster.Api.Sessions;
using SessionCluster.Api.Site;
using SessionCluster.Api.Stages;
using SessionCluster.Api.Tokens;
using SessionCluster.Api.Users;

namespace SessionCluster.Api.Hosting;

/// <summary>Registers the HTTP edge. The host brings <see cref="IGrainFactory"/> and <see cref="IReadiness"/>.</summary>
public static class SessionApiServices
{
    /// <summary>
    /// Adds what <c>MapSessionApi</c> needs. Settings are checked at start; every failure names its setting. A missing key ring or
    /// api key file is made at start.
    /// </summary>
    public static IServiceCollection AddSessionApi(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.TryAddSingleton(TimeProvider.System);
        services.Configure<KestrelServerOptions>(KestrelLimits.Apply);
        AddOptions<TokenOptions, TokenOptionsValidator>(services, options => options.Bind(configuration));
        AddOptions<ApiKeyOptions, ApiKeyOptionsValidator>(services, options => options.Bind(configuration));
        AddOptions<SiteOptions, SiteOptionsValidator>(services, options => options.Bind(configuration));
        AddOptions<ProxyOptions, ProxyOptionsValidator>(services, options => options.Bind(configuration));
        AddOptions<EventOptions, EventOptionsValidator>(services, options => options.Bind(configuration));
        AddOptions<MetricOptions, MetricOptionsValidator>(services, options => options.Bind(configuration));

        services.AddSingleton<KeyMaterial>();
        services.AddHostedService(provider => provider.GetRequiredService<KeyMaterial>());
        services.AddSingleton(_ => KeyRing.NotLoaded());
        services.AddSingleton<SessionTokens>();
        services.AddSingleton<DeviceCookies>();
        services.AddSingleton<PlanTokens>();
        services.AddSingleton<PublicSite>();
        services.AddSingleton<SiteCookies>();
        services.AddSingleton(provider => new TrustedProxies(provider.GetRequiredService<IOptions<ProxyOptions>>().Value.Trusted));
        services.AddSingleton<ConnectionClient>();
        services.AddSingleton<CredentialReader>();
        services.AddSingleton<CsrfRule>();
        services.AddSingleton<Gate>();
        services.AddSingleton<Endings>();
        services.AddSingleton<LoginAnswers>();
        services.AddSingleton<PlanReader>();
        services.AddSingleton<FlowRun>();

        services.AddSingleton<LoginEndpoint>();
        services.AddSingleton<PlanEndpoint>();
        services.AddSingleton<ExecutorEndpoint>();
        services.AddSingleton<FlowPageEndpoint>();
        services.AddSingleton<ValidateEndpoint>();
        services.AddSingleton<CurrentEndpoints>();
        services.AddSingleton<TokenEndpoints>();
        services.AddSingleton<SessionListEndpoints>();
        services.AddSingleton<BulkDeleteEndpoint>();
        services.AddSingleton<UserEndpoints>();
        services.AddSingleton<DeviceEndpoints>();
        services.AddSingleton<StageEndpoints>();
        services.AddSingleton<EventEndpoints>();
        services.AddSingleton<EventStreamEndpoint>();
        services.AddSingleton<ForwardAuthEndpoint>();
        services.AddSingleton<HealthEndpoints>();
        services.AddSingleton<MetricsEndpoint>();
        return services;
    }

    private static void AddOptions<TOptions, TValidator>(IServiceCollection services, Action<TOptions> bind)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>
    {
        services.AddSingleton<IValidateOptions<TOptions>, TValidator>();
        services.AddOptions<TOptions>().Configure(bind).ValidateOnStart();
    }
}
