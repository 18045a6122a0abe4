namespace SessionCluster.Geo;

/// <summary>The autonomous system of an address (ASN database); the seed's <c>asn</c> object.</summary>
/// <param name="Asn">The AS number.</param>
/// <param name="AsOrg">The organisation's name, null where the database has none.</param>
/// <param name="Network">The database network (prefix) that holds the address, as CIDR text.</param>
[GenerateSerializer, Immutable, Alias("sc.asn")]
public sealed record AsnInfo(
    [property: Id(0)] long Asn,
    [property: Id(1)] string? AsOrg,
    [property: Id(2)] string? Network);
