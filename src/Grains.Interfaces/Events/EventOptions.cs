using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace SessionCluster.Events;

/// <summary>Settings <c>Events:*</c>: how long events are kept, and how many may follow them.</summary>
public sealed class EventOptions
{
    /// <summary>The section of the settings.</summary>
    public const string Section = "Events";

    /// <summary>How long events are kept; <c>days=365</c>, at least one hour.</summary>
    public string Retention { get; set; } = "days=365";

    /// <summary>Most streams of events at a time in one process; 64, 1 to 10,000.</summary>
    public int MaxReaders { get; set; } = 64;

    /// <summary>The retention as a length of time.</summary>
    public TimeSpan RetentionValue => Duration.Load(Retention).Value;
}

/// <summary>Checks <see cref="EventOptions"/> at start.</summary>
public sealed class EventOptionsValidator : IValidateOptions<EventOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, EventOptions options)
    {
        var check = new SettingsCheck(EventOptions.Section);
        check.Duration(nameof(options.Retention), options.Retention, "hours=1");
        check.Range(nameof(options.MaxReaders), options.MaxReaders, 1, 10_000);
        return check.Result;
    }
}

/// <summary>Registers the settings of the event log.</summary>
public static class EventServices
{
    /// <summary>Adds <see cref="EventOptions"/>, checked at start; once, however many ask for it.</summary>
    public static IServiceCollection AddEventOptions(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<EventOptions>, EventOptionsValidator>());
        services.AddOptions<EventOptions>().Bind(configuration.GetSection(EventOptions.Section)).ValidateOnStart();
        return services;
    }
}
