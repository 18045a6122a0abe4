using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace SessionCluster.Settings;

/// <summary>Settings that say themselves what they must be.</summary>
public interface ICheckedOptions
{
    /// <summary>Notes every fault of the settings; none when the start may go on.</summary>
    void Check(SettingsCheck check);
}

/// <summary>Has settings checked by the options framework.</summary>
/// <param name="section">The section that messages name, such as <c>Leases</c>; empty where <see cref="ICheckedOptions.Check"/> names settings in full.</param>
public sealed class OptionsCheck<T>(string section = "") : IValidateOptions<T>
    where T : class, ICheckedOptions
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, T options)
    {
        var check = new SettingsCheck(section);
        options.Check(check);
        return check.Result;
    }
}

/// <summary>Registers settings that are checked at start.</summary>
public static class CheckedOptions
{
    /// <summary>Adds the settings of a section, such as <c>Leases</c>; checked once, however many add them.</summary>
    public static IServiceCollection AddChecked<T>(this IServiceCollection services, IConfiguration configuration, string section)
        where T : class, ICheckedOptions => services.AddChecked<T>(options => configuration.GetSection(section).Bind(options), section);

    /// <summary>Adds settings that are read by hand; without a section, their check names them in full. Checked once, however many add them.</summary>
    public static IServiceCollection AddChecked<T>(this IServiceCollection services, Action<T> bind, string section = "")
        where T : class, ICheckedOptions
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<T>>(new OptionsCheck<T>(section)));
        services.AddOptions<T>().Configure(bind).ValidateOnStart();
        return services;
    }
}
