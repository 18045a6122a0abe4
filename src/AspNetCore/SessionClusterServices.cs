using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using SessionCluster.AspNetCore;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers SessionCluster in an ASP.NET Core app.</summary>
public static class SessionClusterServices
{
    /// <summary>Adds the scheme <c>SessionCluster</c>: sign-ins, and a check of each request, through the server.</summary>
    /// <param name="builder">The authentication of the app.</param>
    /// <param name="configure">Sets options over those of the configuration section <c>SessionCluster</c>; null for that section alone.</param>
    public static AuthenticationBuilder AddSessionCluster(this AuthenticationBuilder builder, Action<SessionClusterOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddShared();
        services.AddOptions<SessionClusterClientOptions>()
            .Configure<IOptionsMonitor<SessionClusterOptions>>((client, scheme) => scheme.Get(SessionClusterDefaults.AuthenticationScheme).CopyTo(client));
        // The client takes from the section by itself where the server is: what these options say of that was set in code, and wins.
        services.FromSection<SessionClusterOptions>(
            SessionClusterDefaults.AuthenticationScheme, scheme => (scheme.Address, scheme.ApiKey, scheme.ApiKeyFile, scheme.Timeout) = (null, null, null, null));
        services.AddOptions<SessionClusterOptions>(SessionClusterDefaults.AuthenticationScheme).ValidateOnStart();
        return builder.AddScheme<SessionClusterOptions, SessionClusterHandler>(SessionClusterDefaults.AuthenticationScheme, configure);
    }

    /// <summary>
    /// Keeps the tickets of a cookie scheme (cookie authentication, ASP.NET Core Identity) with the server, which owns their sessions. Where
    /// the server is stands in the configuration section <c>SessionCluster</c>, or in AddSessionClusterClient. A scheme that the app does not
    /// have stops the start.
    /// </summary>
    /// <param name="builder">The authentication of the app.</param>
    /// <param name="cookieScheme">The name of the cookie scheme.</param>
    /// <param name="configure">Sets options of the store over those of the section; null for the section alone.</param>
    public static AuthenticationBuilder AddSessionClusterTicketStore(
        this AuthenticationBuilder builder, string cookieScheme, Action<SessionClusterTicketStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(cookieScheme);
        var services = builder.Services;
        services.AddShared();
        services.FromSection<SessionClusterTicketStoreOptions>(cookieScheme);
        services.AddOptions<SessionClusterTicketStoreOptions>(cookieScheme)
            .Configure(options => configure?.Invoke(options))
            .Validate<IOptions<AuthenticationOptions>>(
                (_, schemes) => schemes.Value.SchemeMap.ContainsKey(cookieScheme),
                $"AddSessionClusterTicketStore: there is no scheme '{cookieScheme}'. Name one that the app has, or add it, as with AddCookie(\"{cookieScheme}\").")
            .Validate<IOptions<AuthenticationOptions>>(
                (_, schemes) => !schemes.Value.SchemeMap.TryGetValue(cookieScheme, out var found) || typeof(CookieAuthenticationHandler).IsAssignableFrom(found.HandlerType),
                $"AddSessionClusterTicketStore: the scheme '{cookieScheme}' is no cookie scheme, and keeps no tickets. Name the cookie scheme that signs in, such as "
                + "CookieAuthenticationDefaults.AuthenticationScheme or IdentityConstants.ApplicationScheme.")
            .ValidateOnStart();
        services.AddOptions<CookieAuthenticationOptions>(cookieScheme)
            .PostConfigure<ISessionClusterClient, IOptionsMonitor<SessionClusterTicketStoreOptions>>((cookie, client, store) =>
            {
                cookie.SessionStore = new SessionClusterTicketStore(client, store, cookieScheme);
                cookie.CookieManager = new NewKeyCookies(cookie.CookieManager ?? new ChunkingCookieManager(), cookie, cookieScheme);
            });
        return builder;
    }

    /// <summary>Adds the health check <c>sessioncluster</c>: whether the server can serve.</summary>
    /// <param name="builder">The health checks of the app.</param>
    public static IHealthChecksBuilder AddSessionCluster(this IHealthChecksBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddShared();
        return builder.AddCheck<SessionClusterHealthCheck>("sessioncluster");
    }

    /// <summary>
    /// Maps what signed-in persons do with their own sessions: <c>GET sessions</c>, <c>POST sessions/{uuid}/end</c>,
    /// <c>POST sessions/end-others</c>, <c>POST logout</c>, and <c>GET events</c>, by which an open tab hears that its session is over, as soon as that holds everywhere.
    /// </summary>
    /// <param name="endpoints">The routes of the app.</param>
    /// <param name="prefix">The path above them.</param>
    /// <param name="scheme">The scheme of these sessions, SessionCluster or a cookie scheme with a ticket store; null for the app's default.</param>
    public static IEndpointConventionBuilder MapSessionCluster(this IEndpointRouteBuilder endpoints, string prefix, string? scheme = null)
    {
        var group = endpoints.MapGroup(prefix);
        var account = new AccountEndpoints(scheme);
        group.MapGet("sessions", (RequestDelegate)account.List);
        group.MapPost("sessions/{uuid}/end", (RequestDelegate)account.EndOne);
        group.MapPost("sessions/end-others", (RequestDelegate)account.EndOthers);
        group.MapPost("logout", (RequestDelegate)account.Logout);
        // Who is signed in no more is told so, also where the app guards the whole group.
        group.MapGet("events", (RequestDelegate)account.Events).AllowAnonymous();
        return group;
    }

    /// <summary>
    /// Options come from the configuration first, where there is one: what the app sets in code wins. Their properties stay in a trimmed app,
    /// where nothing but the configuration may name them.
    /// </summary>
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicProperties, typeof(CookieBuilder))]
    private static void FromSection<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] T>(this IServiceCollection services, string name, Action<T>? then = null)
        where T : class =>
        services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<T>>(provider => new ConfigureNamedOptions<T>(name, options =>
        {
            provider.GetService<IConfiguration>()?.GetSection(SessionClusterClientOptions.Section).Bind(options);
            then?.Invoke(options);
        })));

    private static void AddShared(this IServiceCollection services)
    {
        services.AddSessionClusterClient();
        services.TryAddSingleton<EndingFeed>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, Unavailable>());
    }
}

/// <summary>Whether the server can serve.</summary>
/// <param name="client">The client.</param>
internal sealed class SessionClusterHealthCheck(ISessionClusterClient client) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await client.IsReadyAsync(cancellationToken) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("SessionCluster cannot be reached, or says that it cannot serve.");
}
