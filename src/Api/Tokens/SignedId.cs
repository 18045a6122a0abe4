using System.Buffers.Text;

namespace SessionCluster.Api.Tokens;

/// <summary>
/// The form that our tokens share: version byte 1, an id (16 bytes, big endian) and a MAC (16 bytes) for one purpose, as
/// base64url. 33 bytes are exactly 44 characters, so a token has one text only.
/// </summary>
internal static class SignedId
{
    /// <summary>Length of a token in characters.</summary>
    public const int Length = 44;

    /// <summary>Length of a token in bytes.</summary>
    public const int TokenBytes = SignedBytes + KeyRing.MacBytes;

    private const byte Version = 1;
    private const int SignedBytes = 17;

    /// <summary>The token of an id under the newest key.</summary>
    public static string Issue(KeyRing keys, ReadOnlySpan<byte> purpose, Guid id)
    {
        Span<byte> token = stackalloc byte[TokenBytes];
        Write(keys, purpose, id, token);
        return Base64Url.EncodeToString(token);
    }

    /// <summary>Writes the bytes of the token of an id under the newest key.</summary>
    public static void Write(KeyRing keys, ReadOnlySpan<byte> purpose, Guid id, Span<byte> token)
    {
        token[0] = Version;
        id.TryWriteBytes(token[1..], bigEndian: true, out _);
        keys.Sign(purpose, token[..SignedBytes], token[SignedBytes..]);
    }

    /// <summary>The id of a token. False when the text is no token of ours for this purpose, altered in whatever way.</summary>
    public static bool TryRead(KeyRing keys, ReadOnlySpan<byte> purpose, ReadOnlySpan<char> text, out Guid id)
    {
        Span<byte> token = stackalloc byte[TokenBytes];
        if (TryDecode(text, token, out id) && Verify(keys, purpose, token))
        {
            return true;
        }

        id = default;
        return false;
    }

    /// <summary>The bytes of a text in the form of a token, and the id that it claims; nothing is verified.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> token, out Guid id)
    {
        var decoded = TokenText.TryDecode(text, Length, token) && token[0] == Version;
        id = decoded ? new Guid(token[1..SignedBytes], bigEndian: true) : default;
        return decoded;
    }

    /// <summary>Whether the MAC of a token is right.</summary>
    public static bool Verify(KeyRing keys, ReadOnlySpan<byte> purpose, ReadOnlySpan<byte> token) =>
        keys.Verify(purpose, token[..SignedBytes], token[SignedBytes..]);

    /// <summary>The MAC in a token.</summary>
    public static ReadOnlySpan<byte> MacOf(ReadOnlySpan<byte> token) => token[SignedBytes..];
}
