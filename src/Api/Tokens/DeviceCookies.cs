using System.Buffers.Binary;
using System.Buffers.Text;
using SessionCluster.Devices;

namespace SessionCluster.Api.Tokens;

/// <summary>
/// Device cookies: version byte 1, the device's id (16 bytes), the end of the cookie (6 bytes, seconds since 1970, both big
/// endian) and a MAC (16 bytes), as base64url. 39 bytes are exactly 52 characters.
/// </summary>
internal sealed class DeviceCookies(KeyRing keys)
{
    /// <summary>Length of a device cookie in characters.</summary>
    public const int Length = 52;

    private const byte Version = 1;
    private const int ExpiresAt = 17;
    private const int SignedBytes = 23;
    private const int CookieBytes = SignedBytes + KeyRing.MacBytes;

    private static readonly long LatestSecond = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    private static ReadOnlySpan<byte> Purpose => "sessioncluster/device-cookie\0"u8;

    /// <summary>The cookie's value for a claim. Its end is cut to whole seconds.</summary>
    public string Issue(DeviceCookieClaim claim)
    {
        Span<byte> cookie = stackalloc byte[CookieBytes];
        cookie[0] = Version;
        claim.Id.Value.TryWriteBytes(cookie[1..], bigEndian: true, out _);
        Span<byte> seconds = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(seconds, Math.Clamp(claim.CookieExpires.ToUnixTimeSeconds(), 0, LatestSecond));
        seconds[2..].CopyTo(cookie[ExpiresAt..]);
        keys.Sign(Purpose, cookie[..SignedBytes], cookie[SignedBytes..]);
        return Base64Url.EncodeToString(cookie);
    }

    /// <summary>
    /// What a cookie says; null when it is not ours. Whether it is still good, and whose device it is, the user's grain decides.
    /// </summary>
    public DeviceCookieClaim? Read(ReadOnlySpan<char> text)
    {
        Span<byte> cookie = stackalloc byte[CookieBytes];
        if (!TokenText.TryDecode(text, Length, cookie) || cookie[0] != Version)
        {
            return null;
        }

        if (!keys.Verify(Purpose, cookie[..SignedBytes], cookie[SignedBytes..]))
        {
            return null;
        }

        Span<byte> seconds = stackalloc byte[8];
        seconds.Clear();
        cookie[ExpiresAt..SignedBytes].CopyTo(seconds[2..]);
        var second = Math.Min(BinaryPrimitives.ReadInt64BigEndian(seconds), LatestSecond);
        return new DeviceCookieClaim(
            new DeviceId(new Guid(cookie[1..ExpiresAt], bigEndian: true)), DateTimeOffset.FromUnixTimeSeconds(second));
    }
}
