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

    private const byte Version = 1;
    private const int SignedBytes = 17;

    /// <summary>Length of a token in bytes.</summary>
    public const int TokenBytes = SignedBytes + KeyRing.MacBytes;

    /// <summary>The token of an id under the newest key.</summary>
    public static string Issue(KeyRing keys, ReadOnlySpan<byte> purpose, Guid id)
    {
        Span<byte> token = stackalloc byte[TokenBytes];
        token[0] = Version;
        id.TryWriteBytes(token[1..], bigEndian: true, out _);
        keys.Sign(purpose, token[..SignedBytes], token[SignedBytes..]);
        return Base64Url.EncodeToString(token);
    }

    /// <summary>The id of a token. False when the text is no token of ours for this purpose, altered in whatever way.</summary>
    public static bool TryRead(KeyRing keys, ReadOnlySpan<byte> purpose, ReadOnlySpan<char> text, out Guid id, SeenTokens? seen = null)
    {
        id = default;
        Span<byte> token = stackalloc byte[TokenBytes];
        if (!TokenText.TryDecode(text, Length, token) || token[0] != Version)
        {
            return false;
        }

        // Taken before the check: what an older set of keys has verified says nothing of a newer one.
        var keySet = keys.Current;
        var mac = token[SignedBytes..];
        var signed = new Guid(token[1..SignedBytes], bigEndian: true);
        if (seen?.Contains(keySet, signed, mac) != true)
        {
            if (!keys.Verify(purpose, token[..SignedBytes], mac))
            {
                return false;
            }

            seen?.Add(keySet, signed, mac);
        }

        id = signed;
        return true;
    }
}
