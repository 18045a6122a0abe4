namespace SessionCluster.Bindings;

/// <summary>Explains bindings by the very check that sessions are under. Holds nothing.</summary>
[GrainType("binding-explain")]
public sealed class BindingExplainGrain(IGeoLookup lookup) : Grain, IBindingExplainGrain
{
    public Task<BindingExplanation> Explain(string from, string to)
    {
        var verdicts = BindingNames.Network.Skip(1).Select((name, index) => Verdict(name, (NetworkBinding)(index + 1), GeoIpBinding.None, from, to))
            .Concat(BindingNames.GeoIp.Skip(1).Select((name, index) => Verdict(name, NetworkBinding.None, (GeoIpBinding)(index + 1), from, to)));
        return Task.FromResult(new BindingExplanation(Facts(from), Facts(to), [.. verdicts]));
    }

    public Task<ImmutableArray<GeoDatabaseInfo>> Databases() => Task.FromResult(lookup.Databases);

    private BindingVerdict Verdict(string name, NetworkBinding network, GeoIpBinding place, string from, string to) =>
        new(name, BindingCheck.Check(network, place, from, to, lookup)?.Reason);

    private AddressFacts Facts(string ip) => ClientAddress.TryParse(ip, out var address)
        ? new AddressFacts(ip, lookup.Asn(address), lookup.Place(address)?.Geo)
        : new AddressFacts(ip, null, null);
}
