using Microsoft.AspNetCore.Http.Features;

namespace SessionCluster.Api.Input;

/// <summary>
/// Reads parts of the path: ids from the route; what may hold a slash as the caller wrote it. Routing leaves an encoded slash as %2F, so that
/// its value cannot tell the key <c>a/b</c> from <c>a%2Fb</c>; the request line can.
/// </summary>
internal static class PathSegment
{
    /// <summary>The decoded segment at <paramref name="index"/>, counted from 0 after the first slash.</summary>
    public static string Read(HttpContext context, int index)
    {
        var decoded = (context.Request.Path.Value ?? "").Split('/');
        var target = Target(context);
        var end = target.IndexOf('?', StringComparison.Ordinal);
        var raw = (end < 0 ? target : target[..end]).Split('/');
        if (raw.Length != decoded.Length)
        {
            // The server has resolved dot segments, so the two do not line up; it has decoded all but slashes.
            return index + 1 < decoded.Length ? decoded[index + 1].Replace("%2F", "/", StringComparison.OrdinalIgnoreCase) : "";
        }

        return index + 1 < raw.Length ? Uri.UnescapeDataString(raw[index + 1]) : "";
    }

    /// <summary>The UUID that a part of the route holds.</summary>
    public static bool TryGuid(HttpContext context, string name, out Guid id) => TryGuid(context.Request.RouteValues[name] as string, out id);

    /// <summary>A UUID with hyphens, or without them as events write the key of a model.</summary>
    public static bool TryGuid(string? text, out Guid id) => Guid.TryParseExact(text, "D", out id) || Guid.TryParseExact(text, "N", out id);

    /// <summary>The session that the part <c>uuid</c> of the route names.</summary>
    public static bool TrySession(HttpContext context, out SessionId id)
    {
        var isUuid = TryGuid(context, "uuid", out var uuid);
        id = new SessionId(uuid);
        return isUuid;
    }

    /// <summary>The device that the part <c>uuid</c> of the route names.</summary>
    public static bool TryDevice(HttpContext context, out DeviceId id)
    {
        var isUuid = TryGuid(context, "uuid", out var uuid);
        id = new DeviceId(uuid);
        return isUuid;
    }

    /// <summary>The path and query of the request line, as they came.</summary>
    public static string Target(HttpContext context)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        // The form with a scheme and a host, which proxies are sent.
        var authority = target.StartsWith('/') ? -1 : target.IndexOf("://", StringComparison.Ordinal);
        var path = authority < 0 ? 0 : target.IndexOf('/', authority + 3);
        return path < 0 ? "" : target[path..];
    }
}
