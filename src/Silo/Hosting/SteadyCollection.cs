using Microsoft.Extensions.DependencyInjection.Extensions;

namespace SessionCluster.Silo.Hosting;

/// <summary>
/// The clock of Orleans' collector of unused grains: it goes on evenly from the moment of the start. The collector plans ahead by its clock,
/// and throws for every new activation that would be due before the plan's next step: with the machine's clock set back by a minute or more,
/// no session, user or plan that is not in memory could be used until the clock had caught up.
/// </summary>
internal sealed class SteadyCollection(TimeProvider time) : TimeProvider
{
    private const string Collector = "ActivationCollector";

    private readonly DateTimeOffset _start = time.GetUtcNow();

    private readonly long _since = time.GetTimestamp();

    /// <summary>Gives it to the collector, whose type is Orleans' own.</summary>
    /// <exception cref="InvalidOperationException">This version of Orleans has no such service.</exception>
    public static void UseFor(IServiceCollection services)
    {
        var collector = services.Single(service => service.ServiceType.Name == Collector).ServiceType;
        services.Replace(ServiceDescriptor.Singleton(
            collector, provider => ActivatorUtilities.CreateInstance(provider, collector, new SteadyCollection(provider.GetRequiredService<TimeProvider>()))));
    }

    public override long TimestampFrequency => time.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => _start + time.GetElapsedTime(_since);

    public override long GetTimestamp() => time.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => time.CreateTimer(callback, state, dueTime, period);
}
