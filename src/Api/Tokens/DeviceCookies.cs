using System.Buffers.Binary;
using System.Buffers.Text;

namespace SessionCluster.Api.Tokens;

/// <summary>
/// Device cookies: version byte 1, the device's id (16 bytes), the end of the cookie (6 bytes, seconds since 1970, both big
/// endian) and a MAC (16 bytes), as base64url. 39 bytes are exactly 52 characters.
/// </summary>
internal sealed class DeviceCookies(KeyRing keys)
{
    /// <summary>Length of a device cookie in characters.</summary>
    public const int Length = 52;

    private const int ExpiresAt = 17;
    private const int CookieBytes = ExpiresAt + 6 + KeyRing.MacBytes;

    private static readonly long LatestSecond = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    private static ReadOnlySpan<byte> Purpose => "sessioncluster/device-cookie\0"u8;

    /// <summary>The cookie's value for a claim. Its end is cut to whole seconds.</summary>
    public string Issue(DeviceCookieClaim claim)
    {
        Span<byte> seconds = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(seconds, Math.Clamp(claim.CookieExpires.ToUnixTimeSeconds(), 0, LatestSecond));
        return Base64Url.EncodeToString(SignedText.Sign(keys, Purpose, [.. claim.Id.Value.ToByteArray(bigEndian: true), .. seconds[2..]]));
    }

    /// <summary>What a cookie says; null when it is not ours. Whether it is still good, and whose device it is, the user's grain decides.</summary>
    public DeviceCookieClaim? Read(ReadOnlySpan<char> text)
    {
        Span<byte> cookie = stackalloc byte[CookieBytes];
        if (!SignedText.TryDecode(text, cookie) || !SignedText.Verify(keys, Purpose, cookie))
        {
            return null;
        }

        var second = BinaryPrimitives.ReadInt64BigEndian([0, 0, .. cookie[ExpiresAt..^KeyRing.MacBytes]]);
        return new DeviceCookieClaim(new DeviceId(SignedText.IdOf(cookie)), DateTimeOffset.FromUnixTimeSeconds(Math.Min(second, LatestSecond)));
    }
}
