using System.Net.Sockets;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Connections;

namespace SessionCluster.Api.Hosting;

/// <summary>Which failures of the start an operator can mend, and what is said of them.</summary>
public static partial class StartFailure
{
    private const int FilesNeeded = 1024;

    private const string ProcessLimits = "/proc/self/limits";

    /// <summary>
    /// The text for an operator when the process may open too few files; null when it may open enough. It is asked before anything else: with too few, a start fails at
    /// whichever file comes next, and seldom says why.
    /// </summary>
    public static string? TooFewFiles()
    {
        // Max open files            1024                 524288               files
        var files = File.Exists(ProcessLimits) ? File.ReadLines(ProcessLimits).FirstOrDefault(line => line.StartsWith("Max open files", StringComparison.Ordinal)) : null;
        return files?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, _, _, var limit, ..] && int.TryParse(limit, CultureInfo.InvariantCulture, out var count) && count < FilesNeeded
            ? $"This process may open {count} files, and needs {FilesNeeded} or more: raise the limit (ulimit -n; LimitNOFILE= in a unit)."
            : null;
    }

    /// <summary>The text for an operator, which names the setting or the file; null for a failure that is a fault of the program.</summary>
    public static string? Explain(Exception failure) => failure switch
    {
        OptionsValidationException settings => string.Join("\n  ", settings.Failures),
        AggregateException several => ExplainAll(several),
        // The binder's message names the value, the setting and the type that it must have.
        InvalidOperationException { InnerException: FormatException or ArgumentException or OverflowException } wrongType => WrongType().Replace(wrongType.Message, InWords),
        CryptographicException => $"A certificate of Kestrel:Certificates or Kestrel:Endpoints cannot be used: {failure.Message}",
        IOException { InnerException: AddressInUseException } => $"{failure.Message} Stop the process that uses it, or set another port in urls (ASPNETCORE_URLS) or Metrics:Urls, whichever it is of.",
        InvalidDataException or IOException => failure.Message,
        UnauthorizedAccessException => $"{failure.Message} Give the user of this process the right to it, or set another path.",
        // Kestrel's, of an address of another host, or of a port that the process may not have.
        SocketException => $"One of urls (ASPNETCORE_URLS) or Metrics:Urls cannot be listened on: {SettingsCheck.Sentence(failure.Message)} "
            + "The address must be one of this host; a port below 1024 needs a right of its own.",
        // The ports were free a moment before.
        AddressInUseException => "Cluster:SiloPort or Cluster:GatewayPort was taken by another process in this moment. Start again, or set other ports.",
        // Kestrel's own text leads to a developer's certificate.
        InvalidOperationException when failure.Message.StartsWith("Unable to configure HTTPS endpoint", StringComparison.Ordinal) =>
            "A URL with https needs a certificate: set Kestrel:Certificates:Default:Path to its file and Kestrel:Certificates:Default:KeyPath to that of its private key, both in PEM.",
        // As of the log, that there is no such level.
        InvalidOperationException or FormatException => failure.Message,
        _ => null,
    };

    private static string InWords(Match message) => $"{message.Groups[2].Value} is '{message.Groups[1].Value}'; it must be " + message.Groups[3].Value switch
    {
        "Int32" or "Int64" => "a whole number.",
        "Boolean" => "true or false.",
        "TimeSpan" => "a time, such as 00:00:05.",
        var other => $"of the type {other}.",
    };

    [GeneratedRegex("^Failed to convert configuration value '(.*)' at '(.*)' to type '(?:.*[.])?([^.]*)'[.]?$", RegexOptions.Singleline)]
    private static partial Regex WrongType();

    private static string? ExplainAll(AggregateException several)
    {
        var texts = several.Flatten().InnerExceptions.Select(Explain).ToList();
        return texts.Contains(null) ? null : string.Join("\n  ", texts);
    }
}
