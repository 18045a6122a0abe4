namespace SessionCluster.Bindings;

/// <summary>How tightly a session is bound to the network of its login (seed: Network binding).</summary>
public enum NetworkBinding
{
    /// <summary><c>no_binding</c>: the network is not checked.</summary>
    None = 0,

    /// <summary><c>bind_asn</c>: the AS number must stay.</summary>
    Asn = 1,

    /// <summary><c>bind_asn_network</c>: the database network (prefix) must stay too.</summary>
    AsnNetwork = 2,

    /// <summary><c>bind_asn_network_ip</c>: the address must stay too.</summary>
    AsnNetworkIp = 3,
}
