namespace SessionCluster.Devices;

/// <summary>A browser that one user is known on.</summary>
/// <param name="Id">The device's id, the same for all users of that browser.</param>
/// <param name="Created">The first login that remembered it.</param>
/// <param name="LastLogin">The latest login that remembered it.</param>
/// <param name="Expires">The device is known while now is before it.</param>
/// <param name="LastIp">The address of the latest login.</param>
/// <param name="UserAgent">The user agent of the latest login, cut at 256 characters.</param>
[GenerateSerializer, Immutable, Alias("sc.device-info")]
public sealed record DeviceInfo(
    [property: Id(0)] DeviceId Id,
    [property: Id(1)] DateTimeOffset Created,
    [property: Id(2)] DateTimeOffset LastLogin,
    [property: Id(3)] DateTimeOffset Expires,
    [property: Id(4)] string LastIp,
    [property: Id(5)] string UserAgent);
