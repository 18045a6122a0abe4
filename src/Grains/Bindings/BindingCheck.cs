namespace SessionCluster.Bindings;

/// <summary>
/// Decides whether a change of address breaks a session's bindings (docs/login-stage.md). Network before geo; the first failure is the
/// only one reported, by the name that authentik's events give it. Both addresses are looked up now, each at most once, in no more databases than the answer needs.
/// </summary>
internal static class BindingCheck
{
    /// <summary>Checks one use of a session.</summary>
    /// <param name="network">The session's network binding.</param>
    /// <param name="geoIp">The session's GeoIP binding.</param>
    /// <param name="previousIp">The last accepted address, canonical text.</param>
    /// <param name="newIp">The address of the use, canonical text.</param>
    /// <param name="lookup">The GeoIP databases.</param>
    /// <returns>Null when the bindings hold; with equal addresses at once, without any look-up.</returns>
    /// <remarks>A text that is not an address has no record in any database.</remarks>
    public static BindingBreak? Check(
        NetworkBinding network, GeoIpBinding geoIp, string previousIp, string newIp, IGeoLookup lookup)
    {
        if (string.Equals(previousIp, newIp, StringComparison.Ordinal))
        {
            return null;
        }

        var previous = ClientAddress.TryParse(previousIp, out var parsedPrevious) ? parsedPrevious : null;
        var current = ClientAddress.TryParse(newIp, out var parsedNew) ? parsedNew : null;
        var change = new Change(previous, current, previousIp, newIp, lookup);
        var failure = (network == NetworkBinding.None ? null : CheckNetwork(network, change))
            ?? (geoIp == GeoIpBinding.None ? null : CheckPlace(geoIp, change));
        return failure is null
            ? null
            : new BindingBreak(
                failure.Reason, failure.Previous, failure.New, previousIp, newIp, change.NewAsn.Value, change.NewPlace.Value?.Geo);
    }

    private static Failure? CheckNetwork(NetworkBinding binding, Change change)
    {
        var previous = change.Previous is null ? null : change.Lookup.Asn(change.Previous);
        var current = change.NewAsn.Value;
        if (previous is null || current is null)
        {
            return new Failure("network.missing", BindingValues.Of(previous), BindingValues.Of(current));
        }

        if (previous.Asn != current.Asn)
        {
            return new Failure("network.asn", BindingValues.Of(previous.Asn), BindingValues.Of(current.Asn));
        }

        if (binding >= NetworkBinding.AsnNetwork && !string.Equals(previous.Network, current.Network, StringComparison.Ordinal))
        {
            return new Failure(
                "network.asn_network", BindingValues.Of(previous.Network), BindingValues.Of(current.Network));
        }

        return binding >= NetworkBinding.AsnNetworkIp
            ? new Failure("network.ip", BindingValues.Of(change.PreviousIp), BindingValues.Of(change.NewIp))
            : null;
    }

    private static Failure? CheckPlace(GeoIpBinding binding, Change change)
    {
        var previous = change.Previous is null ? null : change.Lookup.Place(change.Previous);
        var current = change.NewPlace.Value;
        if (previous is null || current is null)
        {
            return new Failure("geoip.missing", BindingValues.Of(previous?.Geo), BindingValues.Of(current?.Geo));
        }

        if (!Same(previous.Continent, current.Continent))
        {
            return new Failure("geoip.continent", BindingValues.Of(previous.Continent, "code"), BindingValues.Of(current.Continent, "code"));
        }

        if (binding >= GeoIpBinding.ContinentCountry && !Same(previous.Country, current.Country))
        {
            return new Failure("geoip.country", BindingValues.Of(previous.Country, "iso_code"), BindingValues.Of(current.Country, "iso_code"));
        }

        return binding >= GeoIpBinding.ContinentCountryCity && !Same(previous.City, current.City)
            ? new Failure("geoip.city", BindingValues.Of(previous.City, null), BindingValues.Of(current.City, null))
            : null;
    }

    /// <summary>
    /// Codes decide where both sides have one, else the geoname ids; absent on both sides counts as equal. A part that has neither is the
    /// same as no other: names are not compared. The accepted addresses stay one class by that: such an address accepts itself alone.
    /// </summary>
    private static bool Same(PlacePart? previous, PlacePart? current) => (previous, current) switch
    {
        (null, null) => true,
        ({ Code: { } before }, { Code: { } now }) => string.Equals(before, now, StringComparison.Ordinal),
        _ => previous?.GeonameId is { } id && id == current?.GeonameId,
    };

    private sealed record Failure(string Reason, string Previous, string New);

    /// <summary>The two addresses, and what the databases say of the new one once asked.</summary>
    private sealed record Change(IPAddress? Previous, IPAddress? Current, string PreviousIp, string NewIp, IGeoLookup Lookup)
    {
        public Lazy<AsnInfo?> NewAsn { get; } = new(() => Current is null ? null : Lookup.Asn(Current), isThreadSafe: false);

        public Lazy<Place?> NewPlace { get; } = new(() => Current is null ? null : Lookup.Place(Current), isThreadSafe: false);
    }
}
