using Microsoft.Net.Http.Headers;
using SessionCluster.Client;

namespace SessionCluster.AspNetCore;

/// <summary>Reads and writes the server's two cookies. A name with a prefix counts before one without: other hosts cannot set it.</summary>
/// <param name="over">What wins over the server's attributes.</param>
internal sealed class BrowserCookies(CookieBuilder over)
{
    private static readonly string[] Prefixes = ["__Host-", "__Secure-", ""];

    private const string SessionName = "sessioncluster_session";

    private const string DeviceName = "sessioncluster_device";

    private static readonly string[] SessionNames = [.. Prefixes.Select(prefix => prefix + SessionName)];

    private static readonly string[] DeviceNames = [.. Prefixes.Select(prefix => prefix + DeviceName)];

    /// <summary>The token of the request's session cookie; null when there is none.</summary>
    public string? Token(HttpRequest request) => over.Name is { } name ? Read(request, name) : First(request, SessionNames);

    /// <summary>The device cookie of the request; null when there is none.</summary>
    public static string? Device(HttpRequest request) => First(request, DeviceNames);

    /// <summary>Sets the cookies of a login.</summary>
    public void Append(HttpContext context, IReadOnlyList<SessionCookie> cookies)
    {
        foreach (var cookie in cookies)
        {
            var isDevice = cookie.Name.EndsWith(DeviceName, StringComparison.Ordinal);
            Set(context, SetCookieHeaderValue.Parse(cookie.SetCookie), isDevice);
        }
    }

    /// <summary>Sets the device cookie of a login alone, where another cookie holds the token.</summary>
    public void AppendDevice(HttpContext context, IReadOnlyList<SessionCookie> cookies) =>
        Append(context, [.. cookies.Where(cookie => cookie.Name.EndsWith(DeviceName, StringComparison.Ordinal))]);

    /// <summary>Removes the session cookies that the request has.</summary>
    public void Clear(HttpContext context)
    {
        foreach (var name in over.Name is { } own ? [own] : SessionNames)
        {
            if (context.Request.Cookies.ContainsKey(name))
            {
                var gone = new SetCookieHeaderValue(name, "")
                {
                    Path = "/", MaxAge = TimeSpan.Zero, Expires = DateTimeOffset.UnixEpoch, HttpOnly = true, Secure = name.StartsWith("__", StringComparison.Ordinal),
                    SameSite = Microsoft.Net.Http.Headers.SameSiteMode.Lax,
                };
                Set(context, gone, isDevice: true);
            }
        }
    }

    private static string? First(HttpRequest request, string[] names)
    {
        foreach (var name in names)
        {
            if (Read(request, name) is { } value)
            {
                return value;
            }
        }

        return null;
    }

    private static string? Read(HttpRequest request, string name) => request.Cookies[name] is { } value && SessionClusterClient.MayBeToken(value) ? value : null;

    private void Set(HttpContext context, SetCookieHeaderValue cookie, bool isDevice)
    {
        cookie.Name = isDevice ? cookie.Name : over.Name ?? cookie.Name;
        cookie.Domain = over.Domain ?? cookie.Domain;
        cookie.Path = over.Path ?? cookie.Path;
        cookie.SameSite = over.SameSite == Microsoft.AspNetCore.Http.SameSiteMode.Unspecified
            ? cookie.SameSite
            : (Microsoft.Net.Http.Headers.SameSiteMode)over.SameSite;
        cookie.Secure = over.SecurePolicy switch
        {
            CookieSecurePolicy.Always => true,
            CookieSecurePolicy.None => false,
            _ => cookie.Secure || context.Request.IsHttps,
        };
        context.Response.Headers.Append(HeaderNames.SetCookie, cookie.ToString());
    }
}
