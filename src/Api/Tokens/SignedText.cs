using System.Buffers;
using System.Buffers.Text;

namespace SessionCluster.Api.Tokens;

/// <summary>
/// The form that tokens and device cookies share: version byte 1, a content, and a MAC (16 bytes) for one purpose, as base64url. Contents
/// have lengths that fill the characters exactly, so that each text is the only one of its value.
/// </summary>
internal static class SignedText
{
    /// <summary>Length of an id's token in characters.</summary>
    public const int IdLength = 44;

    /// <summary>Length of an id's token in bytes.</summary>
    public const int IdBytes = 1 + 16 + KeyRing.MacBytes;

    private const byte Version = 1;

    /// <summary>The token of an id under the newest key.</summary>
    public static string Issue(KeyRing keys, ReadOnlySpan<byte> purpose, Guid id) =>
        Base64Url.EncodeToString(Sign(keys, purpose, id.ToByteArray(bigEndian: true)));

    /// <summary>The id of a token; null when the text is not a token of ours for this purpose, altered in whatever way.</summary>
    public static Guid? ReadId(KeyRing keys, ReadOnlySpan<byte> purpose, ReadOnlySpan<char> text)
    {
        Span<byte> token = stackalloc byte[IdBytes];
        return TryDecode(text, token) && Verify(keys, purpose, token) ? IdOf(token) : null;
    }

    /// <summary>The id that the bytes of a token claim.</summary>
    public static Guid IdOf(ReadOnlySpan<byte> token) => new(token[1..17], bigEndian: true);

    /// <summary>The bytes of the token of a content under the newest key.</summary>
    public static byte[] Sign(KeyRing keys, ReadOnlySpan<byte> purpose, ReadOnlySpan<byte> content)
    {
        byte[] token = [Version, .. content, .. new byte[KeyRing.MacBytes]];
        keys.Sign(purpose, token.AsSpan(..^KeyRing.MacBytes), token.AsSpan(^KeyRing.MacBytes..));
        return token;
    }

    /// <summary>
    /// Decodes a text in the form of a token into exactly these bytes; nothing is verified. The platform's decoder passes over white space
    /// and padding; the exact count refuses both.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> token) =>
        text.Length * 3 == token.Length * 4
        && Base64Url.DecodeFromChars(text, token, out _, out var written) == OperationStatus.Done
        && written == token.Length
        && token[0] == Version;

    /// <summary>Decodes a text in UTF-8 in the same way.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> token) =>
        text.Length * 3 == token.Length * 4
        && Base64Url.DecodeFromUtf8(text, token, out _, out var written) == OperationStatus.Done
        && written == token.Length
        && token[0] == Version;

    /// <summary>Whether the MAC of a token is right.</summary>
    public static bool Verify(KeyRing keys, ReadOnlySpan<byte> purpose, ReadOnlySpan<byte> token) =>
        keys.Verify(purpose, token[..^KeyRing.MacBytes], token[^KeyRing.MacBytes..]);
}
