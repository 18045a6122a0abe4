using Microsoft.Extensions.Configuration.Memory;

namespace SessionCluster.Api.Hosting;

/// <summary>What a process logs where its settings do not say so: nothing of requests that go well, each fault once, all with the moment.</summary>
public static class DefaultLogLevels
{
    private const string Form = "Logging:Console:FormatterName";

    private static readonly string[] Forms = ["simple", "systemd", "json"];

    private static readonly Dictionary<string, string?> Levels = new()
    {
        ["Default"] = "Information",
        ["Microsoft.AspNetCore"] = "Warning",
        // While any of its levels is on, each request is given an Activity and a scope, though nothing that it would say is logged: without
        // them 9 and 12 % more checks a second (docs/benchmarks.md). Who traces has Activities all the same.
        ["Microsoft.AspNetCore.Hosting.Diagnostics"] = "None",
        // A failed start is told once, by the program itself.
        ["Microsoft.Extensions.Hosting.Internal.Host"] = "Critical",
        ["Npgsql"] = "Warning",
        ["Orleans"] = "Warning",
        // At each start it warns of a thread that was not checked since the machine was started.
        ["Orleans.Runtime.Watchdog"] = "Error",
        // While an Api finds no silo it warns of that each second, beside the one line of ConnectionRetry.
        ["Orleans.Messaging.GatewayManager"] = "Error",
        // Each activation that cannot read its state would be three lines with the storage's exception, which every caller has too.
        ["Orleans.Grain"] = "None",
        // Orleans logs each failure of each state here, and says too when another silo has written it. The storage logs its failures itself,
        // once a minute, and those who called it hear of them.
        ["Orleans.Storage.AdoNetGrainStorage"] = "None",
        ["SessionCluster.Silo.Storage.GroupingGrainStorage"] = "None",
        ["SessionCluster.Silo.Storage.PlainStates"] = "None",
        // Orleans places grains through it, and logs the stack of each attempt that a member's planned stop makes it repeat. What does not go
        // well in the end is heard by those who called, and logged as what they hear.
        ["Polly"] = "None",
    };

    /// <summary>Adds them below all other sources of settings, any of which wins.</summary>
    /// <exception cref="InvalidDataException">A level of the settings is not a level, or the form of the lines not one; the platform's own message names no setting.</exception>
    public static void AddDefaultLogLevels(this ConfigurationManager configuration)
    {
        var levels = Levels.Select(level => KeyValuePair.Create($"Logging:LogLevel:{level.Key}", level.Value));
        foreach (var (key, value) in configuration.GetSection("Logging").AsEnumerable())
        {
            if (!string.IsNullOrEmpty(value) && key.Contains(":LogLevel:", StringComparison.OrdinalIgnoreCase) && !Enum.TryParse<LogLevel>(value, ignoreCase: true, out _))
            {
                throw new InvalidDataException($"{key} is '{value}'; it must be one of {string.Join(", ", Enum.GetNames<LogLevel>())}.");
            }
        }

        var form = configuration[Form];
        if (!string.IsNullOrEmpty(form) && !Forms.Contains(form, StringComparer.OrdinalIgnoreCase))
        {
            throw new InvalidDataException($"{Form} is '{form}'; it must be one of {string.Join(", ", Forms)}.");
        }

        // As JSON the moment is a member, else what a line begins with.
        var end = "json".Equals(form, StringComparison.OrdinalIgnoreCase) ? "" : " ";
        KeyValuePair<string, string?>[] moments =
        [
            // Without a name the options of the formatter do not count.
            new(Form, Forms[0]),
            new("Logging:Console:FormatterOptions:TimestampFormat", "yyyy-MM-ddTHH:mm:ss.fffZ" + end),
            new("Logging:Console:FormatterOptions:UseUtcTimestamp", "true"),
        ];
        configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = levels.Concat(moments) });
    }
}
