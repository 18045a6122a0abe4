namespace SessionCluster.Devices;

/// <summary>What a device cookie says, once its MAC was found right.</summary>
/// <param name="Id">The browser's device id.</param>
/// <param name="CookieExpires">The latest end that any login gave the cookie.</param>
[GenerateSerializer, Immutable, Alias("sc.device-cookie")]
public sealed record DeviceCookieClaim(
    [property: Id(0)] DeviceId Id,
    [property: Id(1)] DateTimeOffset CookieExpires);
