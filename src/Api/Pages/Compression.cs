using System.IO.Compression;
using Microsoft.AspNetCore.Http.Headers;

namespace SessionCluster.Api.Pages;

/// <summary>Makes pages and what they load smaller on their way, in the way that the browser understands.</summary>
/// <remarks>
/// Compressed lengths can tell a secret that stands beside what an attacker chooses. Pages hold no secrets: no cookie, key or token is ever in
/// one, and of the cookies that open them none comes along when another site loads them.
/// </remarks>
internal static class Compression
{
    /// <summary>Brotli, as the headers call it.</summary>
    public const string Brotli = "br";

    /// <summary>Gzip, as the headers call it.</summary>
    public const string Gzip = "gzip";

    /// <summary>The best that the browser accepts; null for none.</summary>
    public static string? Of(HttpRequest request)
    {
        var accepted = new RequestHeaders(request.Headers).AcceptEncoding.Where(coding => coding.Quality is not 0).Select(coding => coding.Value.ToString()).ToList();
        return Array.Find([Brotli, Gzip], coding => accepted.Contains(coding, StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>Compresses a content.</summary>
    public static byte[] Compress(byte[] bytes, string coding, CompressionLevel level)
    {
        using var output = new MemoryStream();
        using (Stream compressing = coding == Brotli ? new BrotliStream(output, level) : new GZipStream(output, level))
        {
            compressing.Write(bytes);
        }

        return output.ToArray();
    }
}
