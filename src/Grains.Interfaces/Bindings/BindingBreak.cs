namespace SessionCluster.Bindings;

/// <summary>Why a binding broke (docs/login-stage.md): one reason and the two values that differ.</summary>
/// <param name="Reason">One of the eight reasons, <c>network.missing</c> to <c>geoip.city</c>.</param>
/// <param name="PreviousValueJson">The value at the last accepted address, as JSON text.</param>
/// <param name="NewValueJson">The value at the new address, as JSON text.</param>
/// <param name="PreviousIp">The last accepted address.</param>
/// <param name="NewIp">The address that broke the binding.</param>
/// <param name="NewAsn">The network of the new address, where resolvable.</param>
/// <param name="NewGeo">The place of the new address, where resolvable.</param>
[GenerateSerializer, Immutable, Alias("sc.binding-break")]
public sealed record BindingBreak(
    [property: Id(0)] string Reason,
    [property: Id(1)] string PreviousValueJson,
    [property: Id(2)] string NewValueJson,
    [property: Id(3)] string PreviousIp,
    [property: Id(4)] string NewIp,
    [property: Id(5)] AsnInfo? NewAsn,
    [property: Id(6)] GeoInfo? NewGeo);
