namespace SessionCluster.Sessions;

/// <summary>A live session as callers see it. It never holds the token.</summary>
/// <param name="Id">The public id.</param>
/// <param name="User">Whose session it is.</param>
/// <param name="Created">The moment of the login.</param>
/// <param name="Expires">Absolute end: valid while now is before it; activity never moves it.</param>
/// <param name="EndsWithBrowser">True when the stage's lifetime was 0: the cookie carries no lifetime of its own.</param>
/// <param name="AuthMethod">How the user proved who they are, as the caller says; <c>password</c> by default.</param>
/// <param name="KnownDevice">Whether the login came from a known device (docs/login-stage.md).</param>
/// <param name="NetworkBinding">Network binding, frozen at login.</param>
/// <param name="GeoIpBinding">GeoIP binding, frozen at login.</param>
/// <param name="LastIp">The last accepted address.</param>
/// <param name="LastUserAgent">The user agent of the last use.</param>
/// <param name="LastUsed">The last use; in the answer of a check at most a lease (5 seconds) behind, in lists 60 seconds.</param>
/// <param name="Asn">The network of <paramref name="LastIp"/>, where resolvable.</param>
/// <param name="Geo">The place of <paramref name="LastIp"/>, where resolvable.</param>
/// <param name="DataJson">The front end's own data as JSON text, null when none was given.</param>
/// <param name="IdleTimeout">Without a use for this long it ends; zero when it may rest until its absolute end.</param>
[GenerateSerializer, Immutable, Alias("sc.session-info")]
public sealed record SessionInfo(
    [property: Id(0)] SessionId Id,
    [property: Id(1)] UserFacts User,
    [property: Id(2)] DateTimeOffset Created,
    [property: Id(3)] DateTimeOffset Expires,
    [property: Id(4)] bool EndsWithBrowser,
    [property: Id(5)] string AuthMethod,
    [property: Id(6)] bool KnownDevice,
    [property: Id(7)] NetworkBinding NetworkBinding,
    [property: Id(8)] GeoIpBinding GeoIpBinding,
    [property: Id(9)] string LastIp,
    [property: Id(10)] string LastUserAgent,
    [property: Id(11)] DateTimeOffset LastUsed,
    [property: Id(12)] AsnInfo? Asn,
    [property: Id(13)] GeoInfo? Geo,
    [property: Id(14)] string? DataJson,
    [property: Id(15)] TimeSpan IdleTimeout = default)
{
    /// <summary>When it ends unless it is used before; null where nothing but its absolute end is ahead.</summary>
    public DateTimeOffset? IdleEnd => IdleTimeout > TimeSpan.Zero && IdleTimeout < Expires - LastUsed ? LastUsed + IdleTimeout : null;

    /// <summary>As logs may show it: without what is personal.</summary>
    public override string ToString() => Id.ToString();
}
