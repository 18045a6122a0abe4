using System.Buffers;
using System.Text;
using SessionCluster.Sessions;

namespace SessionCluster.Api.Tokens;

/// <summary>Session tokens: signed session ids. A forged one is refused here, before any grain is touched.</summary>
internal sealed class SessionTokens(KeyRing keys)
{
    /// <summary>Length of a token in characters.</summary>
    public const int Length = SignedId.Length;

    private static ReadOnlySpan<byte> Purpose => "sessioncluster/session-token\0"u8;

    private readonly SeenTokens _seen = new();

    /// <summary>The token of a session under the newest key.</summary>
    public string Issue(SessionId id) => SignedId.Issue(keys, Purpose, id.Value);

    /// <summary>The session of a token in UTF-8. False when the text is no token of ours, altered in whatever way.</summary>
    public bool TryRead(ReadOnlySpan<byte> text, out SessionId id)
    {
        Span<char> characters = stackalloc char[Length];
        id = default;
        return text.Length == Length && Ascii.ToUtf16(text, characters, out _) == OperationStatus.Done && TryRead(characters, out id);
    }

    /// <summary>The session of a token. False when the text is no token of ours, altered in whatever way.</summary>
    public bool TryRead(ReadOnlySpan<char> text, out SessionId id)
    {
        var read = SignedId.TryRead(keys, Purpose, text, out var value, _seen);
        id = new SessionId(value);
        return read;
    }
}
