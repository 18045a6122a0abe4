using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace SessionCluster.Api.Hosting;

/// <summary>Where a process listens for HTTP, and what it serves there.</summary>
public static class ListenUrls
{
    /// <summary>Where it listens unless told otherwise.</summary>
    public const string Default = "http://localhost:8080";

    private const string Apart = "Metrics:Urls";

    private static readonly string[] UrlSettings = ["urls", "http_ports", "https_ports"];

    /// <summary>Checks the URLs of the settings, and sets the default where there are none.</summary>
    /// <exception cref="InvalidDataException">One is not a URL to listen on, or a certificate cannot be used.</exception>
    public static void Apply(WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        Check("urls", configuration["urls"]);
        foreach (var endpoint in configuration.GetSection("Kestrel:Endpoints").GetChildren())
        {
            Check($"{endpoint.Path}:Url", endpoint["Url"]);
        }

        CheckCertificates(configuration);
        if (!IsSet(configuration))
        {
            builder.WebHost.UseUrls(Default);
        }

        if (configuration[Apart] is { Length: > 0 } apart)
        {
            CheckApart(configuration, apart);
            builder.WebHost.UseUrls([.. Split(configuration["urls"] ?? Default), .. Split(apart)]);
        }
    }

    /// <summary>The URLs of a setting.</summary>
    internal static string[] Split(string? urls) => (urls ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>What comes to the ports of <c>Metrics:Urls</c> finds health and meters alone, and nothing else finds these.</summary>
    internal static void UseApart(this IApplicationBuilder app)
    {
        var ports = app.ApplicationServices.GetRequiredService<IOptions<MetricOptions>>().Value.Ports;
        if (ports.Count > 0)
        {
            app.Use((context, next) =>
            {
                var path = context.Request.Path;
                return ports.Contains(context.Connection.LocalPort) == (path.StartsWithSegments("/metrics") || path.StartsWithSegments("/health"))
                    ? next(context)
                    : ProblemAnswer.Write(context, Problem.NotFound, $"There is nothing at this path of this port; {Apart} says where health and meters are.");
            });
        }
    }

    private static bool IsSet(ConfigurationManager configuration) =>
        UrlSettings.Any(key => !string.IsNullOrEmpty(configuration[key]))
        || configuration.GetSection("Kestrel:Endpoints").Exists();

    private static void Check(string setting, string? urls)
    {
        if (Array.Find(Split(urls), url => !IsUrl(url)) is { } wrong)
        {
            throw new InvalidDataException($"{setting}: '{wrong}' is not a URL to listen on; write one such as {Default}.");
        }

        if (Array.Find(Split(urls), url => !IsAddress(BindingAddress.Parse(url))) is { } named)
        {
            throw new InvalidDataException(
                $"{setting}: '{named}' does not say on which address to listen, and would be listened on at all of them. Write an IP address of this host, localhost, or * for all.");
        }
    }

    private static void CheckApart(ConfigurationManager configuration, string apart)
    {
        Check(Apart, apart);
        // Where urls are set, they win over ports, which .NET's images set by themselves.
        var arePorts = string.IsNullOrEmpty(configuration["urls"]) && !(string.IsNullOrEmpty(configuration["http_ports"]) && string.IsNullOrEmpty(configuration["https_ports"]));
        if (arePorts || configuration.GetSection("Kestrel:Endpoints").Exists())
        {
            throw new InvalidDataException($"{Apart} needs the other URLs in urls (ASPNETCORE_URLS), not in Kestrel:Endpoints, http_ports or https_ports.");
        }

        var ports = Split(apart).Select(url => BindingAddress.Parse(url).Port).ToArray();
        if (ports.Contains(0) || Split(configuration["urls"] ?? Default).Any(url => ports.Contains(BindingAddress.Parse(url).Port)))
        {
            throw new InvalidDataException($"{Apart} is '{apart}'; its ports must be others than those of urls, and not 0.");
        }
    }

    // Kestrel would not name the setting, and of some faults it would say nothing but where it was.
    private static void CheckCertificates(ConfigurationManager configuration)
    {
        foreach (var (key, file) in configuration.GetSection("Kestrel").AsEnumerable())
        {
            var isFile = key.Contains("Certificate", StringComparison.OrdinalIgnoreCase)
                && (key.EndsWith(":Path", StringComparison.OrdinalIgnoreCase) || key.EndsWith(":KeyPath", StringComparison.OrdinalIgnoreCase));
            if (isFile && !string.IsNullOrEmpty(file) && !File.Exists(Path.Combine(AppContext.BaseDirectory, file)))
            {
                throw new InvalidDataException($"{key} is '{file}', and there is no such file.");
            }
        }

        foreach (var (key, file) in configuration.GetSection("Kestrel").AsEnumerable())
        {
            if (key.Contains("Certificate", StringComparison.OrdinalIgnoreCase) && key.EndsWith(":Path", StringComparison.OrdinalIgnoreCase) && !string.IsNullOrEmpty(file))
            {
                CheckCertificate(configuration.GetSection(key[..key.LastIndexOf(':')]), file);
            }
        }
    }

    private static void CheckCertificate(IConfigurationSection section, string file)
    {
        var password = section["Password"];
        using var certificate = Load($"{section.Path}:Path", file, path => X509Certificate2.GetCertContentType(path) == X509ContentType.Pkcs12
            ? X509CertificateLoader.LoadPkcs12FromFile(path, password)
            : X509CertificateLoader.LoadCertificateFromFile(path));
        if (section["KeyPath"] is { Length: > 0 } keyFile)
        {
            using var _ = Load($"{section.Path}:KeyPath", keyFile, path => password is null
                ? X509Certificate2.CreateFromPem(certificate.ExportCertificatePem(), File.ReadAllText(path))
                : X509Certificate2.CreateFromEncryptedPem(certificate.ExportCertificatePem(), File.ReadAllText(path), password));
        }
        else if (!certificate.HasPrivateKey)
        {
            throw new InvalidDataException($"{section.Path}:Path is '{file}', a certificate without its private key; name the key's file in {section.Path}:KeyPath.");
        }
    }

    private static X509Certificate2 Load(string setting, string file, Func<string, X509Certificate2> load)
    {
        try
        {
            return load(Path.Combine(AppContext.BaseDirectory, file));
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            var must = setting.EndsWith(":KeyPath", StringComparison.Ordinal) ? " It must be the private key of the certificate, in PEM." : "";
            throw new InvalidDataException($"{setting} is '{file}', which cannot be used: {SettingsCheck.Sentence(failure.Message)}{must}", failure);
        }
    }

    /// <summary>Whether Kestrel listens where it says. It takes any other name for all addresses, a mistyped number too.</summary>
    private static bool IsAddress(BindingAddress address) =>
        address.IsUnixPipe || address.IsNamedPipe || address.Host is "*" or "+"
        || address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || IPAddress.TryParse(address.Host, out _);

    private static bool IsUrl(string text)
    {
        try
        {
            // What is no number behind the last colon is read as a part of the host's name.
            return BindingAddress.Parse(text) is { Port: >= 0 and <= ushort.MaxValue, Host: var host } && (!host.Contains(':') || host.EndsWith(']'));
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
