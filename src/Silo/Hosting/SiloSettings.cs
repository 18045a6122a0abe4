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
        var check = new SettingsCheck(ClusterSettings.Section);
        check.Range(nameof(options.SiloPort), options.SiloPort, 1, ushort.MaxValue);
        check.Range(nameof(options.GatewayPort), options.GatewayPort, 1, ushort.MaxValue);
        check.Require(
            options.SiloPort != options.GatewayPort,
            nameof(options.SiloPort),
            $"and Cluster:GatewayPort are both {options.SiloPort}; they must differ.");
        check.Require(
            options.AdvertisedAddress.Length == 0 || (IPAddress.TryParse(options.AdvertisedAddress, out var address) && !IsNobodys(address)),
            nameof(options.AdvertisedAddress),
            $"is '{options.AdvertisedAddress}'; it must be an IP address of this host, at which the others reach it.");
        check.OneOf(nameof(options.Directory), options.Directory, SiloDirectory.Default, SiloDirectory.Distributed);
        CheckWait(check, cluster.Value, leases.Value);
        return leases.Value.LedgerFreshness >= TimeSpan.FromSeconds(1) ? check.Result : ValidateOptionsResult.Fail(
            $"Leases:LedgerFreshness is {leases.Value.LedgerFreshness}; in a cluster it must be 1 to 10 seconds: there may be two activations of a grain for a while.");
    }

    // Whoever connects to one of these reaches itself: two silos that say so take each other for the same one, started again.
    private static bool IsNobodys(IPAddress address) =>
        address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) || address.Equals(IPAddress.Broadcast);

    private static void CheckWait(SettingsCheck check, ClusterSettings cluster, LeaseOptions leases)
    {
        var wait = leases.LedgerFreshness + leases.LeaseLength;
        check.Require(
            cluster.CallTimeoutValue >= wait + Margin,
            nameof(cluster.CallTimeout),
            $"is '{cluster.CallTimeout}'; it must be at least {(wait + Margin).TotalSeconds:0.#} seconds: an ending may wait for "
            + "Leases:LedgerFreshness and Leases:Duration inside a call.");
    }
}
