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
    string UserAgent) : Sensitive
{
    /// <summary>The user agent of the latest login, cut at 256 characters.</summary>
    [Id(5)]
    public string UserAgent { get; init; } = SharedTexts.Of(UserAgent);
}

/// <summary>The id of a browser that was logged in from; the device cookie is this id plus a MAC.</summary>
/// <param name="Value">A UUID of 122 random bits.</param>
[GenerateSerializer, Immutable, Alias("sc.device-id")]
public readonly record struct DeviceId([property: Id(0)] Guid Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value.ToString("D");
}

/// <summary>What a device cookie says, once its MAC was found right.</summary>
/// <param name="Id">The browser's device id.</param>
/// <param name="CookieExpires">The latest end that any login gave the cookie.</param>
[GenerateSerializer, Immutable, Alias("sc.device-cookie")]
public sealed record DeviceCookieClaim(
    [property: Id(0)] DeviceId Id,
    [property: Id(1)] DateTimeOffset CookieExpires);
