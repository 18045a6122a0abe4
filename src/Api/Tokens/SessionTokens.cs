using System.Runtime.InteropServices;

namespace SessionCluster.Api.Tokens;

/// <summary>
/// Session tokens: signed session ids. A forged one is refused here, before any grain is touched. The token of a session that this process
/// answers for is known by its MAC, which need not be computed again.
/// </summary>
internal sealed class SessionTokens(KeyRing keys, EdgeSessions edge)
{
    /// <summary>Length of a token in characters.</summary>
    public const int Length = SignedText.IdLength;

    private static ReadOnlySpan<byte> Purpose => "sessioncluster/session-token\0"u8;

    /// <summary>The token of a session under the newest key.</summary>
    public string Issue(SessionId id) => SignedText.Issue(keys, Purpose, id.Value);

    /// <summary>The MAC in the token of a session under the newest key.</summary>
    public UInt128 MacOf(SessionId id) =>
        MemoryMarshal.Read<UInt128>(SignedText.Sign(keys, Purpose, id.Value.ToByteArray(bigEndian: true)).AsSpan(^KeyRing.MacBytes..));

    /// <summary>The session of a token in UTF-8. False when the text is not a token of ours, altered in whatever way.</summary>
    public bool TryRead(ReadOnlySpan<byte> text, out SessionId id)
    {
        Span<byte> token = stackalloc byte[SignedText.IdBytes];
        id = default;
        return SignedText.TryDecode(text, token) && TryVerify(token, out id);
    }

    /// <summary>The session of a token. False when the text is not a token of ours, altered in whatever way.</summary>
    public bool TryRead(ReadOnlySpan<char> text, out SessionId id)
    {
        Span<byte> token = stackalloc byte[SignedText.IdBytes];
        id = default;
        return SignedText.TryDecode(text, token) && TryVerify(token, out id);
    }

    private bool TryVerify(ReadOnlySpan<byte> token, out SessionId id)
    {
        id = new SessionId(SignedText.IdOf(token));
        if (IsKnown(id, token[^KeyRing.MacBytes..]) || SignedText.Verify(keys, Purpose, token))
        {
            return true;
        }

        id = default;
        return false;
    }

    // The id is public: only the MAC is compared in constant time.
    private bool IsKnown(SessionId id, ReadOnlySpan<byte> mac) =>
        edge.TokenMac(id) is { } known && CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(new ReadOnlySpan<UInt128>(in known)), mac);
}
