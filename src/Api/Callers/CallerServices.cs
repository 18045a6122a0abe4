namespace SessionCluster.Api.Callers;

/// <summary>Who calls, and from where: keys, tokens, cookies, proxies, the gate before every endpoint.</summary>
internal static class CallerServices
{
    public static IServiceCollection AddCallers(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddChecked<TokenOptions>(options => options.Bind(configuration));
        services.AddChecked<ApiKeyOptions>(options => options.Bind(configuration));
        services.AddChecked<SiteOptions>(options => options.Bind(configuration));
        services.AddChecked<ProxyOptions>(options => options.Bind(configuration));
        services.AddSingleton<KeyMaterial>();
        services.AddHostedService(provider => provider.GetRequiredService<KeyMaterial>());
        services.AddSingleton(_ => KeyRing.NotLoaded());
        services.AddSingleton<SessionTokens>();
        services.AddSingleton<DeviceCookies>();
        services.AddSingleton<PlanTokens>();
        services.AddSingleton<PublicSite>();
        services.AddSingleton<SiteCookies>();
        services.AddHostedService<SiteNotes>();
        services.AddSingleton(provider => new TrustedProxies(provider.GetRequiredService<IOptions<ProxyOptions>>().Value.Trusted));
        services.AddSingleton<ConnectionClient>();
        services.AddSingleton<RefusalLog>();
        services.AddSingleton(provider => new FirstCounts(provider.GetRequiredService<RefusalLog>().ShowAll));
        services.AddSingleton<CredentialReader>();
        services.AddSingleton<CsrfRule>();
        return services.AddSingleton<Gate>();
    }
}
