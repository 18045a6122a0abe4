namespace SessionCluster.Api.Hosting;

/// <summary>
/// Settings <c>Cluster:*</c> that silos and Apis share. Calls nest: a statement of the storage is shorter than a call between
/// grains, that is shorter than an Api's call, and that is shorter than what waits for the Api (a proxy, a client).
/// </summary>
public sealed class ClusterSettings : ICheckedOptions
{
    public const string Section = "Cluster";

    public const int LongestId = 100;

    /// <summary>Which silos and Apis belong together; <c>sessioncluster</c>.</summary>
    public string ClusterId { get; set; } = "sessioncluster";

    /// <summary>Whose grains they are; the same for clusters that follow one another over one database; <c>sessioncluster</c>.</summary>
    public string ServiceId { get; set; } = "sessioncluster";

    /// <summary>
    /// Longest call between grains; <c>seconds=20</c>, at most a minute. An ending whose sessions cannot be told waits F + L (10
    /// seconds) inside such a call.
    /// </summary>
    public string CallTimeout { get; set; } = "seconds=20";

    /// <summary>Longest call from an Api to a grain, which may call another; <c>seconds=25</c>, more than CallTimeout, at most two minutes.</summary>
    public string EdgeTimeout { get; set; } = "seconds=25";

    /// <summary>
    /// How long a process that was told to stop goes on serving, not ready any more, so that load balancers notice; <c>seconds=5</c>, at
    /// most a minute.
    /// </summary>
    public string Drain { get; set; } = "seconds=5";

    public TimeSpan CallTimeoutValue => Duration.Load(CallTimeout).Value;

    public TimeSpan EdgeTimeoutValue => Duration.Load(EdgeTimeout).Value;

    public TimeSpan DrainValue => Duration.Load(Drain).Value;

    /// <summary>The call timeout as the settings have it; what is wrong with it is told later, with all the rest.</summary>
    public static TimeSpan CallTimeoutOf(IConfiguration configuration)
    {
        var settings = configuration.GetSection(Section).Get<ClusterSettings>() ?? new ClusterSettings();
        return DurationParser.TryParse(settings.CallTimeout, out var duration, out _) ? duration.Value : TimeSpan.MaxValue;
    }

    public void Check(SettingsCheck check)
    {
        CheckId(check, nameof(ClusterId), ClusterId);
        CheckId(check, nameof(ServiceId), ServiceId);
        var call = check.Duration(nameof(CallTimeout), CallTimeout, "seconds=1", "seconds=60");
        var edge = check.Duration(nameof(EdgeTimeout), EdgeTimeout, "seconds=1", "seconds=120");
        check.Duration(nameof(Drain), Drain, "seconds=0", "seconds=60");
        check.Require(
            edge is null || call is null || edge > call,
            nameof(EdgeTimeout),
            $"is '{EdgeTimeout}'; it must be more than Cluster:CallTimeout, '{CallTimeout}': an Api waits for a grain that waits for another.");
    }

    private static void CheckId(SettingsCheck check, string setting, string value) => check.Require(
        value.Length is > 0 and <= LongestId && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'),
        setting,
        $"is '{value}'; it must be 1 to {LongestId} letters, digits, '-', '_' or '.'.");
}

/// <summary>Registers what silos and Apis of a cluster share.</summary>
public static class ClusterServices
{
    /// <summary>Adds the <see cref="Drain"/> of <c>Cluster:Drain</c>; after it, requests that are still being answered have the time of one call.</summary>
    public static IServiceCollection AddDrain(this IServiceCollection services)
    {
        services.AddSingleton(provider =>
            new Drain(provider.GetRequiredService<IOptions<ClusterSettings>>().Value.DrainValue, provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService(provider => provider.GetRequiredService<Drain>());
        services.AddOptions<HostOptions>().Configure<IOptions<ClusterSettings>>((host, settings) =>
            host.ShutdownTimeout = settings.Value.DrainValue + settings.Value.EdgeTimeoutValue + LongestLeave);
        return services;
    }

    /// <summary>Longest that a silo takes to leave: its grains end first, which may take back shares and store a last use each.</summary>
    private static readonly TimeSpan LongestLeave = TimeSpan.FromSeconds(35);
}
