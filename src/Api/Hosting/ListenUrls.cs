using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SessionCluster.Api.Metrics;
using SessionCluster.Api.Problems;

namespace SessionCluster.Api.Hosting;

/// <summary>Where a process listens for HTTP, and what it serves there.</summary>
public static class ListenUrls
{
    /// <summary>Where it listens unless told otherwise.</summary>
    public const string Default = "http://localhost:8080";

    private const string Apart = "Metrics:Urls";

    private static readonly string[] UrlSettings = ["urls", "http_ports", "https_ports"];

    /// <summary>Checks the URLs of the settings, and sets the default where there are none.</summary>
    /// <exception cref="InvalidDataException">One is no URL to listen on, or a certificate's file is missing.</exception>
    public static void Apply(WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var configuration = builder.Configuration;
        Check("urls", configuration["urls"]);
        CheckCertificates(configuration.GetSection("Kestrel"));
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
            throw new InvalidDataException($"{setting}: '{wrong}' is no URL to listen on, as {Default}.");
        }
    }

    private static void CheckApart(ConfigurationManager configuration, string apart)
    {
        Check(Apart, apart);
        if (configuration.GetSection("Kestrel:Endpoints").Exists() || !string.IsNullOrEmpty(configuration["http_ports"]) || !string.IsNullOrEmpty(configuration["https_ports"]))
        {
            throw new InvalidDataException($"{Apart} needs the other URLs in urls (ASPNETCORE_URLS), not in Kestrel:Endpoints, http_ports or https_ports.");
        }

        var ports = Split(apart).Select(url => BindingAddress.Parse(url).Port).ToArray();
        if (ports.Contains(0) || Split(configuration["urls"] ?? Default).Any(url => ports.Contains(BindingAddress.Parse(url).Port)))
        {
            throw new InvalidDataException($"{Apart} is '{apart}'; its ports must be others than those of urls, and not 0.");
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
