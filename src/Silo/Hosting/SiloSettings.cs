namespace SessionCluster.Silo.Hosting;

/// <summary>Settings <c>Cluster:*</c> that only silos read.</summary>
public sealed class SiloSettings
{
    /// <summary>Where the silos of the cluster connect to this one; 11111. Only they may reach it: it asks for no credentials.</summary>
    public int SiloPort { get; set; } = 11_111;

    /// <summary>Where Apis connect; 30000. Only they may reach it: it asks for no credentials.</summary>
    public int GatewayPort { get; set; } = 30_000;

    /// <summary>
    /// The IP address under which others reach this silo. Default: the only one of this host, or of several that from which it reaches the
    /// database (<see cref="OwnAddress"/>). On a loopback address the ports listen there alone, else on all addresses.
    /// </summary>
    public string AdvertisedAddress { get; set; } = "";

    /// <summary>
    /// How the cluster keeps where its activations are: <c>default</c>, or <c>distributed</c>, which Orleans calls experimental and
    /// which leaves fewer double activations when members change. All silos alike.
    /// </summary>
    public string Directory { get; set; } = SiloDirectory.Default;

    internal IPAddress Address => IPAddress.Parse(AdvertisedAddress);
}

/// <summary>The values of <see cref="SiloSettings.Directory"/>.</summary>
public static class SiloDirectory
{
    public const string Default = "default";

    public const string Distributed = "distributed";
}

/// <summary>Checks the settings of a member at start.</summary>
public sealed class SiloSettingsValidator(IOptions<LeaseOptions> leases) : IValidateOptions<SiloSettings>
{
    public ValidateOptionsResult Validate(string? name, SiloSettings options)
    {
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
        if (options.AdvertisedAddress.Length == 0)
        {
            var own = OwnAddress.Candidates();
            check.Fail(nameof(options.AdvertisedAddress), "is not set, and the address at which the others reach this member cannot be told: this host has "
                + (own.Count == 0 ? "none" : string.Join(", ", own.Select(one => $"{one.Address} ({one.Card})")))
                + ". Set it to the right one, or to 127.0.0.1 where all members are on this host.");
        }

        check.OneOf(nameof(options.Directory), options.Directory, SiloDirectory.Default, SiloDirectory.Distributed);
        return leases.Value.LedgerFreshness >= TimeSpan.FromSeconds(1) ? check.Result : ValidateOptionsResult.Fail(
            $"Leases:LedgerFreshness is {leases.Value.LedgerFreshness}; in a cluster it must be 1 to 10 seconds: there may be two activations of a grain for a while.");
    }

    // Whoever connects to one of these reaches itself: two silos that say so take each other for the same one, started again.
    private static bool IsNobodys(IPAddress address) =>
        address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) || address.Equals(IPAddress.Broadcast);
}

/// <summary>Checks at start that a call between grains is longer than what it waits for.</summary>
/// <param name="leases">How long an ending may wait inside a call.</param>
/// <param name="storage">How long the storage may, where it does not check that itself.</param>
internal sealed class CallTimeoutCheck(IOptions<LeaseOptions> leases, TimeSpan storage) : IValidateOptions<ClusterSettings>
{
    /// <summary>What a call needs beside its longest wait: the commit, and the way.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(2);

    public ValidateOptionsResult Validate(string? name, ClusterSettings options)
    {
        var check = new SettingsCheck(ClusterSettings.Section);
        // What is wrong with either alone is told by its own check.
        if (DurationParser.TryParse(options.CallTimeout, out var call, out _) && LongestWait() is { } wait)
        {
            check.Require(
                call.Value >= wait + Margin,
                nameof(options.CallTimeout),
                $"is '{options.CallTimeout}'; it must be at least {(wait + Margin).TotalSeconds:0.#} seconds: an ending may wait for "
                + "Leases:LedgerFreshness and Leases:Duration inside a call.");
            check.Require(
                call.Value > storage,
                nameof(options.CallTimeout),
                $"is '{options.CallTimeout}'; it must be more than {storage.TotalSeconds} seconds, for which a write may wait.");
        }

        return check.Result;
    }

    private TimeSpan? LongestWait()
    {
        try
        {
            return leases.Value.Bound;
        }
        catch (OptionsValidationException)
        {
            return null;
        }
    }
}
