namespace SessionCluster.Devices;

/// <summary>The devices that one user is known on (docs/login-stage.md).</summary>
public static class KnownDevices
{
    /// <summary>Most devices kept for one user; the one that ends first makes room.</summary>
    public const int MaxPerUser = 64;

    /// <summary>Longest user agent kept with a device, in characters.</summary>
    public const int MaxUserAgent = 256;

    /// <summary>Under this a stage remembers no device.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    /// <summary>Whether the cookie is this user's: presented, not over, and its device not forgotten or over.</summary>
    public static bool Recognises(ImmutableArray<DeviceInfo> devices, DeviceCookieClaim? cookie, DateTimeOffset now) =>
        cookie is not null && now < cookie.CookieExpires && devices.Any(d => d.Id == cookie.Id && now < d.Expires);

    /// <summary>
    /// The devices after a login, and the cookie to set; null for a stage that remembers none. A browser that came with a
    /// valid cookie keeps its id, also when it is another user's, so that several users can share a browser.
    /// </summary>
    public static (ImmutableArray<DeviceInfo> Devices, DeviceCookieClaim? Cookie) Remember(
        ImmutableArray<DeviceInfo> devices, LoginCommand command, Guid newId, DateTimeOffset now)
    {
        var length = command.Stage.RememberDevice.Value;
        if (length < Shortest)
        {
            return (devices, null);
        }

        var presented = command.Device is { } cookie && now < cookie.CookieExpires ? cookie : null;
        var id = presented?.Id ?? new DeviceId(newId);
        var expires = LoginRules.After(now, length);
        var earlier = devices.Where(d => d.Id == id && now < d.Expires).Select(d => (DateTimeOffset?)d.Created).FirstOrDefault();
        var device = new DeviceInfo(
            id,
            earlier ?? now,
            now,
            expires,
            command.Client.Ip,
            command.Client.UserAgent is { Length: > MaxUserAgent } agent ? agent[..MaxUserAgent] : command.Client.UserAgent);
        var others = devices.Where(d => d.Id != id && now < d.Expires).OrderByDescending(d => d.Expires).Take(MaxPerUser - 1);
        var cookieExpires = presented is not null && presented.CookieExpires > expires ? presented.CookieExpires : expires;
        return ([device, .. others], new DeviceCookieClaim(id, cookieExpires));
    }
}
