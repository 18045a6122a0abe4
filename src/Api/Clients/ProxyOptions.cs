using System.Diagnostics.CodeAnalysis;

namespace SessionCluster.Api.Clients;

/// <summary>Whose forwarding headers count.</summary>
internal sealed class ProxyOptions : ICheckedOptions
{
    /// <summary>Most entries.</summary>
    public const int MaxTrusted = 256;

    /// <summary><c>Proxies:Trusted:N</c>: CIDRs, or single addresses. Default none.</summary>
    public IReadOnlyList<string> Trusted { get; set; } = [];

    public void Bind(IConfiguration configuration) =>
        Trusted = [.. configuration.GetSection("Proxies:Trusted").GetChildren().Select(child => child.Value ?? "")];

    public void Check(SettingsCheck check)
    {
        check.Require(Trusted.Count <= MaxTrusted, $"Proxies:Trusted: at most {MaxTrusted} entries are allowed, there are {Trusted.Count}.");
        for (var index = 0; index < Trusted.Count; index++)
        {
            check.Require(TrustedProxies.TryParse(Trusted[index], out _), $"Proxies:Trusted:{index} must be an address or a CIDR, such as 10.0.0.0/8; it is '{Trusted[index]}'.");
        }
    }
}

/// <summary>The proxies whose forwarding headers count.</summary>
internal sealed class TrustedProxies(IEnumerable<string> trusted)
{
    private readonly IPNetwork[] _networks =
        [.. trusted.Select(text => TryParse(text, out var network) ? network.Value : throw new FormatException(text))];

    /// <summary>Whether there is none at all.</summary>
    public bool IsEmpty => _networks.Length == 0;

    /// <summary>Whether an address is a trusted proxy's. IPv4-mapped addresses count as IPv4.</summary>
    public bool Contains(IPAddress address)
    {
        var plain = ClientAddress.Fold(address);
        return Array.Exists(_networks, network => network.Contains(plain));
    }

    /// <summary>Reads a CIDR or a single address.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out IPNetwork? network)
    {
        network = ClientAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
            : IPNetwork.TryParse(text, out var parsed) ? ClientAddress.Fold(parsed)
            : null;
        return network is not null;
    }
}
