using System.Buffers;
using System.Buffers.Text;

namespace SessionCluster.Api.Tokens;

/// <summary>Decodes base64url strictly: one text for one value.</summary>
internal static class TokenText
{
    /// <summary>
    /// Decodes a text of exactly <paramref name="length"/> characters (a multiple of 4) into exactly the bytes of
    /// <paramref name="bytes"/>. The platform's decoder passes over white space and padding; the exact count refuses both.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<char> text, int length, Span<byte> bytes)
    {
        if (text.Length != length)
        {
            return false;
        }

        var status = Base64Url.DecodeFromChars(text, bytes, out _, out var written);
        return status == OperationStatus.Done && written == bytes.Length;
    }
}
