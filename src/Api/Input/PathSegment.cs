using Microsoft.AspNetCore.Http.Features;

namespace SessionCluster.Api.Input;

/// <summary>
/// Reads a segment of the path as the caller wrote it. Routing leaves an encoded slash as %2F, so that its value cannot tell
/// the key <c>a/b</c> from <c>a%2Fb</c>; the request line can.
/// </summary>
internal static class PathSegment
{
    /// <summary>The decoded segment at <paramref name="index"/>, counted from 0 after the first slash.</summary>
    public static string Read(HttpContext context, int index)
    {
        var decoded = (context.Request.Path.Value ?? "").Split('/');
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        var end = target.IndexOf('?', StringComparison.Ordinal);
        var raw = (end < 0 ? target : target[..end]).Split('/');

        // Other forms of the request line, or dot segments that the server resolved: the two do not line up.
        var aligned = target.StartsWith('/') && raw.Length == decoded.Length;
        var segments = aligned ? raw : decoded;
        return index + 1 < segments.Length ? Uri.UnescapeDataString(segments[index + 1]) : "";
    }
}
