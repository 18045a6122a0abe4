namespace SessionCluster.Sessions;

/// <summary>Where a request came from, as a service tells it or as the edge saw it.</summary>
/// <param name="Ip">The canonical text of the address: no zone, IPv4-mapped IPv6 folded to IPv4.</param>
/// <param name="UserAgent">The User-Agent header, empty when there was none; at most 2 KiB.</param>
/// <param name="Method">The HTTP method of the person's request.</param>
/// <param name="Path">The path of the person's request, without its query.</param>
/// <param name="ArgsJson">The query arguments as the text of a JSON object, secrets already masked.</param>
/// <param name="RequestId">The edge's id of this request, for the login event.</param>
[GenerateSerializer, Immutable, Alias("sc.client-facts")]
public sealed record ClientFacts(
    [property: Id(0)] string Ip,
    [property: Id(1)] string UserAgent,
    [property: Id(2)] string Method,
    [property: Id(3)] string Path,
    [property: Id(4)] string ArgsJson,
    [property: Id(5)] string RequestId) : Sensitive;
