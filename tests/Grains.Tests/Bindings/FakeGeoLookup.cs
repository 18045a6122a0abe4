using System.Net;
using SessionCluster.Geo;

namespace SessionCluster.Grains.Tests.Bindings;

/// <summary>Databases that hold what a test puts in, and count how often they are asked for an address.</summary>
internal sealed class FakeGeoLookup : IGeoLookup
{
    private readonly Dictionary<string, AsnInfo> _asns = [];
    private readonly Dictionary<string, Place> _places = [];

    public List<string> AsnCalls { get; } = [];

    public List<string> PlaceCalls { get; } = [];

    public FakeGeoLookup Put(string ip, AsnInfo? asn)
    {
        if (asn is not null)
        {
            _asns[ip] = asn;
        }

        return this;
    }

    public FakeGeoLookup Put(string ip, Place? place)
    {
        if (place is not null)
        {
            _places[ip] = place;
        }

        return this;
    }

    public AsnInfo? Asn(IPAddress address)
    {
        AsnCalls.Add(address.ToString());
        return _asns.GetValueOrDefault(address.ToString());
    }

    public Place? Place(IPAddress address)
    {
        PlaceCalls.Add(address.ToString());
        return _places.GetValueOrDefault(address.ToString());
    }
}
