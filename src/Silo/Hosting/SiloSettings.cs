using System.Net;
using Microsoft.Extensions.Options;
using SessionCluster.Api.Hosting;
using SessionCluster.LoginStage;
using SessionCluster.Sessions;

namespace SessionCluster.Silo.Hosting;

/// <summary>Settings <c>Cluster:*</c> that only silos read.</summary>
public sealed class SiloSettings
{
    /// <summary>Where the silos of the cluster connect to this one; 11111. Only they may reach it: it asks for no credentials.</summary>
    public int SiloPort { get; set; } = 11_111;

    /// <summary>Where Apis connect; 30000. Only they may reach it: it asks for no credentials.</summary>
    public int GatewayPort { get; set; } = 30_000;

    /// <summary>
    /// The IP address under which others reach this silo. Default: the first of this host that is no loopback. On a loopback address
    /// the ports listen there alone, else on all addresses.
    /// </summary>
    public string AdvertisedAddress { get; set; } = "";

    /// <summary>
    /// How the cluster keeps where its activations are: <c>default</c>, or <c>distributed</c>, which Orleans calls experimental and
    /// which leaves fewer double activations when members change. All silos alike.
    /// </summary>
    public string Directory { get; set; } = SiloDirectory.Default;

    internal IPAddress? Address => AdvertisedAddress.Length == 0 ? null : IPAddress.Parse(AdvertisedAddress);
}

/// <summary>The values of <see cref="SiloSettings.Directory"/>.</summary>
public static class SiloDirectory
{
    public const string Default = "default";

    public const string Distributed = "distributed";
}

/// <summary>Checks the silo's settings at start, and that what waits for something is longer than what it waits for.</summary>
public sealed class SiloSettingsValidator(IOptions<ClusterSettings> cluster, IOptions<LeaseOptions> leases) : IValidateOptions<SiloSettings>
{
    /// <summary>What a call needs beside its longest wait: the commit, and the way.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(2);

    public ValidateOptionsResult Validate(string? name, SiloSettings options)
    {
        ArgumentNullException.ThrowIfNull(options);
        List<string> failures = [];
        CheckPort(nameof(options.SiloPort), options.SiloPort, failures);
        CheckPort(nameof(options.GatewayPort), options.GatewayPort, failures);
        if (options.SiloPort == options.GatewayPort)
        {
            failures.Add($"Cluster:SiloPort and Cluster:GatewayPort are both {options.SiloPort}; they must differ.");
        }

        if (options.AdvertisedAddress.Length > 0 && !IPAddress.TryParse(options.AdvertisedAddress, out _))
        {
            failures.Add($"Cluster:AdvertisedAddress is '{options.AdvertisedAddress}'; it must be an IP address of this host.");
        }

        if (options.Directory is not (SiloDirectory.Default or SiloDirectory.Distributed))
        {
            failures.Add($"Cluster:Directory is '{options.Directory}'; it must be {SiloDirectory.Default} or {SiloDirectory.Distributed}.");
        }

        CheckWait(cluster.Value, leases.Value, failures);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static void CheckWait(ClusterSettings cluster, LeaseOptions leases, List<string> failures)
    {
        if (leases.Freshness < TimeSpan.FromSeconds(1))
        {
            failures.Add($"Leases:Freshness is {leases.Freshness}; in a cluster it must be 1 to 10 seconds: there may be two activations of a grain for a while.");
        }

        var wait = leases.Freshness + Duration.Load(leases.Duration).Value;
        if (cluster.CallTimeoutValue < wait + Margin)
        {
            failures.Add(
                $"Cluster:CallTimeout is '{cluster.CallTimeout}'; it must be at least {(wait + Margin).TotalSeconds:0.#} seconds: an ending "
                + "may wait for Leases:Freshness and Leases:Duration inside a call.");
        }
    }

    private static void CheckPort(string setting, int port, List<string> failures)
    {
        if (port is < 1 or > ushort.MaxValue)
        {
            failures.Add($"Cluster:{setting} is {port}; it must be 1 to {ushort.MaxValue}.");
        }
    }
}
