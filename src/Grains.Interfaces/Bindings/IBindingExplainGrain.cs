namespace SessionCluster.Bindings;

/// <summary>
/// Says what each binding would make of a change of address, by the GeoIP databases of the silo that answers. It holds no state; any key serves
/// (<see cref="KeyFor"/>), and calls interleave. Nothing is stored or ended.
/// </summary>
[Alias("sc.binding-explain")]
public interface IBindingExplainGrain : IGrainWithStringKey
{
    /// <summary>The key for a shard; callers spread over a few.</summary>
    public static string KeyFor(int shard) => $"q:{shard}";

    /// <summary>What would become of a session whose address changes.</summary>
    /// <param name="from">The last accepted address, canonical text.</param>
    /// <param name="to">The new address, canonical text.</param>
    [Alias("explain"), AlwaysInterleave]
    Task<BindingExplanation> Explain(string from, string to);

    /// <summary>The GeoIP databases in use, the place database first; none where none is configured.</summary>
    [Alias("databases"), AlwaysInterleave]
    Task<ImmutableArray<GeoDatabaseInfo>> Databases();
}

/// <summary>What would become of a session whose address changes.</summary>
/// <param name="From">The last accepted address.</param>
/// <param name="To">The new address.</param>
/// <param name="Verdicts">One for each mode that compares something: the three of the network, weakest first, then the three of the place.</param>
[GenerateSerializer, Immutable, Alias("sc.binding-explanation")]
public sealed record BindingExplanation(
    [property: Id(0)] AddressFacts From,
    [property: Id(1)] AddressFacts To,
    [property: Id(2)] ImmutableArray<BindingVerdict> Verdicts);

/// <summary>What the databases say of an address.</summary>
/// <param name="Ip">The address, canonical text.</param>
/// <param name="Asn">Its network, where resolvable.</param>
/// <param name="Geo">Its place, where resolvable.</param>
[GenerateSerializer, Immutable, Alias("sc.address-facts")]
public sealed record AddressFacts([property: Id(0)] string Ip, [property: Id(1)] AsnInfo? Asn, [property: Id(2)] GeoInfo? Geo);

/// <summary>The verdict of one binding mode.</summary>
/// <param name="Mode">The mode's name, such as <c>bind_asn</c>.</param>
/// <param name="Reason">Why it would end the session, one of the eight reasons; null when it holds.</param>
[GenerateSerializer, Immutable, Alias("sc.binding-verdict")]
public sealed record BindingVerdict([property: Id(0)] string Mode, [property: Id(1)] string? Reason)
{
    /// <summary>Whether the session would live on.</summary>
    public bool Holds => Reason is null;
}

/// <summary>A GeoIP database that is in use.</summary>
/// <param name="Setting">The setting that names it.</param>
/// <param name="Path">Its file.</param>
/// <param name="Type">Its type, as it says itself; null while none could be loaded.</param>
/// <param name="Built">When its vendor built it; null while none could be loaded.</param>
/// <param name="Problem">What is the matter with the file now; null when nothing is.</param>
[GenerateSerializer, Immutable, Alias("sc.geo-database")]
public sealed record GeoDatabaseInfo(
    [property: Id(0)] string Setting,
    [property: Id(1)] string Path,
    [property: Id(2)] string? Type,
    [property: Id(3)] DateTimeOffset? Built,
    [property: Id(4)] string? Problem);
