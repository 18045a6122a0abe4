using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using SessionCluster.Client;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the client.</summary>
[SuppressMessage("Naming", "CA1724", Justification = "Where .NET looks for registrations.")]
public static class SessionClusterClientServices
{
    /// <summary>Only a lost connection is tried again. Every call may be: it changes nothing, or has an Idempotency-Key, or says what shall be.</summary>
    private static readonly ResiliencePipeline<HttpResponseMessage> Retry = new ResiliencePipelineBuilder<HttpResponseMessage>()
        .AddRetry(new HttpRetryStrategyOptions
        {
            MaxRetryAttempts = 1,
            Delay = TimeSpan.FromMilliseconds(50),
            BackoffType = DelayBackoffType.Constant,
            ShouldHandle = static attempt => ValueTask.FromResult(attempt.Outcome.Exception is HttpRequestException),
        })
        .Build();

    /// <summary>
    /// Registers <see cref="ISessionClusterClient"/>. Options come from the configuration section <c>SessionCluster</c>, then from
    /// <paramref name="configure"/>; faults stop the start with a message that names the option.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets options; null for the configuration alone.</param>
    /// <returns>The builder of the HTTP client, to change how calls are sent. How long they may take stays what the options say.</returns>
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicProperties, typeof(SessionClusterClientOptions))]
    public static IHttpClientBuilder AddSessionClusterClient(this IServiceCollection services, Action<SessionClusterClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var http = services.AddHttpClient(Caller.HttpClientName);
        if (configure is not null)
        {
            services.Configure(configure);
        }

        if (services.Any(service => service.ServiceType == typeof(ApiKeySource)))
        {
            return http;
        }

        // First of all: what the app sets in code wins.
        services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<SessionClusterClientOptions>>(provider => new ConfigureOptions<SessionClusterClientOptions>(
            options => provider.GetService<IConfiguration>()?.GetSection(SessionClusterClientOptions.Section).Bind(options))));
        services.AddOptions<SessionClusterClientOptions>().ValidateOnStart();
        services.AddSingleton<IValidateOptions<SessionClusterClientOptions>, SessionClusterClientOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ApiKeySource>();
        services.AddSingleton<ClientMetrics>();
        services.AddSingleton<Caller>();
        services.TryAddSingleton<ISessionClusterClient, SessionClusterClient>();
        http.SetHandlerLifetime(Timeout.InfiniteTimeSpan).ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
        {
            UseCookies = false,
            AllowAutoRedirect = false,
            // Names are looked up again, so that a server that moved is found.
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        });
        // A check at each request would be six lines of log each: what fails is told by its exception.
        http.RemoveAllLoggers();
        http.AddHttpMessageHandler(static () => new ResilienceHandler(Retry));
        return http;
    }
}
