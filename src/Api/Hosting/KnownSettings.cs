using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration.CommandLine;

namespace SessionCluster.Api.Hosting;

/// <summary>
/// Every setting that there is, of all programs: they may share one file. One that nobody reads stops the start, since a misspelt name would
/// leave the default in force and say nothing. A test compares the list with docs/settings.md.
/// </summary>
public static class KnownSettings
{
    /// <summary>The names; a star stands for the places of a list.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "PublicUrl",
        "Data:Path",
        "Storage:Provider", "Storage:ConnectionString", "Storage:ConnectionStringFile", "Storage:PasswordFile",
        "Storage:Sqlite:GroupLimit", "Storage:Sqlite:QueueLimit", "Storage:Sqlite:PointReaders", "Storage:Sqlite:ListReaders", "Storage:Sqlite:LogPages",
        "Storage:PostgreSql:StatementTimeout", "Storage:PostgreSql:Writers", "Storage:PostgreSql:GroupLimit", "Storage:PostgreSql:QueueLimit",
        "Storage:PostgreSql:StateReaders", "Storage:PostgreSql:ListReaders",
        "Http:Api",
        "Api:BootstrapKey", "Api:Keys:*:Name", "Api:Keys:*:Sha256", "Api:Keys:*:Roles", "Api:Keys:*:Roles:*",
        "Keys:*", "Keys:AllowNew",
        "GeoIp:CityDatabase", "GeoIp:AsnDatabase",
        "Proxies:Trusted:*",
        "Sessions:BrowserLifetime", "Sessions:IdleTimeout", "Sessions:MaxPerUser", "Sessions:OnLimit", "Sessions:MaxData",
        "Leases:Duration", "Leases:LedgerFreshness", "Leases:MaxUnknownTold", "Leases:TellParallelism",
        "Edge:MaxSessions",
        "Secrets:Path",
        "Events:Retention", "Events:MaxReaders",
        "Alerts:AllowPrivateTargets", "Alerts:SendTimeout",
        "Mail:Host", "Mail:Port", "Mail:Security", "Mail:Username", "Mail:Password", "Mail:From", "Mail:CaFile",
        "Sweeping:Interval", "Sweeping:Batch",
        "Metrics:Meters:*", "Metrics:Urls",
        "Cookies:Domain",
        "Pages:Brand", "Pages:FlowTitle",
        "Login:Url", "Login:AllowedRedirects:*",
        "Cluster:ClusterId", "Cluster:ServiceId", "Cluster:SiloPort", "Cluster:GatewayPort", "Cluster:AdvertisedAddress", "Cluster:CallTimeout",
        "Cluster:EdgeTimeout", "Cluster:Drain", "Cluster:Directory",
    ];

    /// <summary>.NET's own settings in a section that is ours, too.</summary>
    private const string Foreign = "Metrics:EnabledMetrics";

    /// <summary>.NET's own settings without a section.</summary>
    private static readonly string[] ForeignNames =
        [.. typeof(WebHostDefaults).GetFields().Select(field => field.GetValue(null)).OfType<string>(), "AllowedHosts", "https_port"];

    private static readonly string[] Names = [.. All.Select(name => name.Replace('*', '0'))];

    private static readonly string[] Sections = [.. All.Select(name => name.Split(':')[0]).Distinct()];

    /// <summary>Looks for settings that nobody reads: in our sections and among names without one on the command line all of them, elsewhere those that are nearly one of ours.</summary>
    /// <exception cref="InvalidDataException">There are some; the message names each, and what was probably meant.</exception>
    public static void Check(IConfiguration configuration)
    {
        var check = new SettingsCheck();
        var commandLine = (configuration as IConfigurationRoot)?.Providers.OfType<CommandLineConfigurationProvider>().ToArray() ?? [];
        foreach (var (key, value) in configuration.AsEnumerable())
        {
            Check(check, key, value, isTyped: commandLine.Any(line => line.TryGet(key, out _)));
        }

        if (!check.IsFine)
        {
            throw new InvalidDataException(check.Problem);
        }
    }

    /// <param name="isTyped">Whether it stands on the command line, where everything is meant for this program.</param>
    private static void Check(SettingsCheck check, string key, string? value, bool isTyped)
    {
        // Files write empty lists and sections as empty values.
        if (string.IsNullOrEmpty(value) || All.Any(name => Matches(name, key)) || key.StartsWith(Foreign, StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        if (All.FirstOrDefault(name => name.StartsWith(key + ":*", StringComparison.OrdinalIgnoreCase)) is { } list)
        {
            var first = key + list[key.Length..].Replace('*', '0');
            check.Fail($"{key} is a list: set {first} ({first.Replace(":", "__", StringComparison.Ordinal)} in the environment).");
        }
        else if (!Sections.Contains(key.Split(':')[0], StringComparer.OrdinalIgnoreCase))
        {
            if (Meant(key) is { } ours)
            {
                check.Fail($"There is no setting {key}; did you mean {ours}?");
            }
            else if (isTyped && !key.Contains(':', StringComparison.Ordinal) && !key.StartsWith("OTEL_", StringComparison.OrdinalIgnoreCase) && !ForeignNames.Contains(key, StringComparer.OrdinalIgnoreCase))
            {
                Fail();
            }
        }
        else if (isTyped || key.Contains(':', StringComparison.Ordinal))
        {
            // Without a colon it may be anything of the environment that has the name of a section.
            Fail();
        }

        void Fail() => check.Fail(NearestName.Of(key, Names) is { } meant ? $"There is no setting {key}; did you mean {meant}?" : $"There is no setting {key}.");
    }

    /// <summary>
    /// The setting of ours that one of an unknown section was meant to be; null for what is probably somebody else's. The environment is full of
    /// short names, and of ones with underscores.
    /// </summary>
    private static string? Meant(string key)
    {
        var section = key.Split(':')[0];
        if (section == key)
        {
            return key.Contains('_', StringComparison.Ordinal) ? null : NearestName.Of(key, Sections.Intersect(All), share: 4);
        }

        return NearestName.Of(key, Names, share: 4)
            ?? (NearestName.Of(section, Sections.Where(name => name.Length > 5), share: 4) is { } near ? NearestName.Of(near + key[section.Length..], Names) ?? near : null);
    }

    private static bool Matches(string name, string key)
    {
        var (known, given) = (name.Split(':'), key.Split(':'));
        return known.Length == given.Length && known.Zip(given).All(part =>
            part.First == "*" ? part.Second.All(char.IsAsciiDigit) : part.First.Equals(part.Second, StringComparison.OrdinalIgnoreCase));
    }
}
