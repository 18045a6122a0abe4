using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace SessionCluster.Api.Hosting;

/// <summary>
/// Lets no e-mail address into the log. Our own lines have none; but Orleans puts the ids of grains, which hold users' keys, into its lines
/// and into the texts of its exceptions, in more places than could be named.
/// </summary>
internal sealed partial class MaskedLines(ConsoleFormatter lines) : ConsoleFormatter(lines.Name)
{
    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        using var line = new StringWriter();
        lines.Write(logEntry, scopeProvider, line);
        textWriter.Write(Mask(line.ToString()));
    }

    /// <summary>A text with a part of its SHA-256 in the place of each e-mail address.</summary>
    internal static string Mask(string text) => !text.Contains('@', StringComparison.Ordinal) ? text : Addresses().Replace(
        text, word => word.Groups["domain"].Success ? new UserId(Escaped().Replace(word.Value, Character)).ToString() : word.Value);

    private static string Character(Match escaped) => $"{(char)Convert.ToInt32(escaped.Groups[1].Value, 16)}";

    // Each word is matched once and as a whole, also one that is no address; a pattern that matched addresses alone would read a long word again
    // from each of its characters on. The address of a silo has only digits after its @. In JSON the characters & ' + ` and letters beyond ASCII
    // are escaped; a word does not begin within the escape of another character.
    [GeneratedRegex(@"(?<!\\|\\u[0-9A-Fa-f]{0,3})(?>(?:\\u(?:002[67Bb]|0060|(?!00[0-7])[0-9A-Fa-f]{4})|[\w.!#$%&'*+=?^`{|}~-])+)(?<domain>@(?=[\d.-]*(?:\\u|[^\W\d]))(?:\\u(?!00[0-7])[0-9A-Fa-f]{4}|[\w.-])+)?")]
    private static partial Regex Addresses();

    [GeneratedRegex(@"\\u([0-9A-Fa-f]{4})")]
    private static partial Regex Escaped();
}

/// <summary>Puts <see cref="MaskedLines"/> before the console.</summary>
public static class MaskedLog
{
    /// <summary>Masks what is written to the console, in each of its forms.</summary>
    public static void MaskLines(this IServiceCollection services)
    {
        foreach (var form in services.Where(service => service.ServiceType == typeof(ConsoleFormatter) && service.ImplementationType is not null).ToList())
        {
            services.Remove(form);
            services.AddSingleton(form.ImplementationType!);
            services.AddSingleton<ConsoleFormatter>(provider => new MaskedLines((ConsoleFormatter)provider.GetRequiredService(form.ImplementationType!)));
        }
    }
}
