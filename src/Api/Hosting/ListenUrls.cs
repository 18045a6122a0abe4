using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;

namespace SessionCluster.Api.Hosting;

/// <summary>Where a process listens for HTTP.</summary>
public static class ListenUrls
{
    /// <summary>Where it listens unless told otherwise.</summary>
    public const string Default = "http://localhost:8080";

    private static readonly string[] UrlSettings = ["urls", "http_ports", "https_ports"];

    /// <summary>Checks the URLs of the settings, and sets the default where there are none.</summary>
    /// <exception cref="InvalidDataException">One is no URL to listen on, or a certificate's file is missing.</exception>
    public static void Apply(WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        Check(builder.Configuration["urls"]);
        CheckCertificates(builder.Configuration.GetSection("Kestrel"));
        if (!IsSet(builder.Configuration))
        {
            builder.WebHost.UseUrls(Default);
        }
    }

    private static bool IsSet(ConfigurationManager configuration) =>
        UrlSettings.Any(key => !string.IsNullOrEmpty(configuration[key]))
        || configuration.GetSection("Kestrel:Endpoints").Exists();

    private static void Check(string? urls)
    {
        foreach (var url in (urls ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!IsUrl(url))
            {
                throw new InvalidDataException($"urls: '{url}' is no URL to listen on, as {Default}.");
            }
        }
    }

    // Kestrel would say of a missing file only that it is missing.
    private static void CheckCertificates(IConfigurationSection kestrel)
    {
        foreach (var (key, file) in kestrel.AsEnumerable())
        {
            var isFile = key.Contains("Certificate", StringComparison.OrdinalIgnoreCase)
                && (key.EndsWith(":Path", StringComparison.OrdinalIgnoreCase) || key.EndsWith(":KeyPath", StringComparison.OrdinalIgnoreCase));
            if (isFile && !string.IsNullOrEmpty(file) && !File.Exists(Path.Combine(AppContext.BaseDirectory, file)))
            {
                throw new InvalidDataException($"{key} is '{file}', and there is no such file.");
            }
        }
    }

    private static bool IsUrl(string text)
    {
        try
        {
            return BindingAddress.Parse(text).Port is >= 0 and <= ushort.MaxValue;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
