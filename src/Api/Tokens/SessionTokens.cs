using System.Buffers.Text;
using SessionCluster.Sessions;

namespace SessionCluster.Api.Tokens;

/// <summary>
/// Session tokens: version byte 1, the session's id (16 bytes, big endian) and a MAC (16 bytes), as base64url. 33 bytes are
/// exactly 44 characters, so a token has one text only. A forged one is refused here, before any grain is touched.
/// </summary>
internal sealed class SessionTokens(KeyRing keys)
{
    /// <summary>Length of a token in characters.</summary>
    public const int Length = 44;

    private const byte Version = 1;
    private const int SignedBytes = 17;
    private const int TokenBytes = SignedBytes + KeyRing.MacBytes;

    private static ReadOnlySpan<byte> Purpose => "sessioncluster/session-token\0"u8;

    /// <summary>The token of a session under the newest key.</summary>
    public string Issue(SessionId id)
    {
        Span<byte> token = stackalloc byte[TokenBytes];
        token[0] = Version;
        id.Value.TryWriteBytes(token[1..], bigEndian: true, out _);
        keys.Sign(Purpose, token[..SignedBytes], token[SignedBytes..]);
        return Base64Url.EncodeToString(token);
    }

    /// <summary>The session of a token. False when the text is no token of ours, altered in whatever way.</summary>
    public bool TryRead(ReadOnlySpan<char> text, out SessionId id)
    {
        id = default;
        Span<byte> token = stackalloc byte[TokenBytes];
        if (!TokenText.TryDecode(text, Length, token) || token[0] != Version)
        {
            return false;
        }

        if (!keys.Verify(Purpose, token[..SignedBytes], token[SignedBytes..]))
        {
            return false;
        }

        id = new SessionId(new Guid(token[1..SignedBytes], bigEndian: true));
        return true;
    }
}
