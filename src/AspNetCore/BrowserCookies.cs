using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using SameSiteMode = Microsoft.Net.Http.Headers.SameSiteMode;

namespace SessionCluster.AspNetCore;

/// <summary>
/// Reads and writes the server's two cookies. Other hosts of the domain, and whoever is on the way of plain http, can plant cookies in a browser,
/// but none called <c>__Host-</c>, and over plain http none called <c>__Secure-</c>. So over https only names with a prefix count.
/// </summary>
/// <param name="over">What wins over the server's attributes.</param>
internal sealed class BrowserCookies(CookieBuilder over)
{
    private const string HostPrefix = "__Host-";

    private const string SecurePrefix = "__Secure-";

    private static readonly string[] Prefixes = [HostPrefix, SecurePrefix, ""];

    private const string SessionName = "sessioncluster_session";

    private const string DeviceName = "sessioncluster_device";

    private static readonly string[] SessionNames = [.. Prefixes.Select(prefix => prefix + SessionName)];

    private static readonly string[] DeviceNames = [.. Prefixes.Select(prefix => prefix + DeviceName)];

    /// <summary>Refuses a sign-in whose cookie could not be set any more: nobody would have the new session, and the browser's own would be over.</summary>
    public static void RequireSettable(HttpContext context)
    {
        if (context.Response.HasStarted)
        {
            throw new InvalidOperationException(
                "The answer has begun: a cookie can no longer be set. Sign in before anything is written, in Blazor from a static page or an endpoint.");
        }
    }

    /// <summary>The token of the request's session cookie; null when there is none.</summary>
    public string? Token(HttpRequest request) => over.Name is { } name ? Read(request.Cookies, name) : First(request, SessionNames);

    /// <summary>The device cookie of the request; null when there is none.</summary>
    public string? Device(HttpRequest request) => First(request, DeviceNames);

    /// <summary>Sets the cookies of a login, and removes those of other names that would count before or after them.</summary>
    public void Append(HttpContext context, IReadOnlyList<SessionCookie> cookies)
    {
        foreach (var cookie in cookies)
        {
            var isDevice = cookie.Name.EndsWith(DeviceName, StringComparison.Ordinal);
            var set = With(context, SetCookieHeaderValue.Parse(cookie.SetCookie), isDevice);
            TakeBack(context, Names(isDevice));
            Remove(context, Names(isDevice).Where(name => !set.Name.Equals(name, StringComparison.Ordinal)), set);
            context.Response.Headers.Append(HeaderNames.SetCookie, set.ToString());
        }
    }

    /// <summary>Sets the device cookie of a login alone, where another cookie holds the token.</summary>
    public void AppendDevice(HttpContext context, IReadOnlyList<SessionCookie> cookies) =>
        Append(context, [.. cookies.Where(cookie => cookie.Name.EndsWith(DeviceName, StringComparison.Ordinal))]);

    /// <summary>Removes the session cookies that the request has, and those that its answer was to set.</summary>
    /// <param name="context">The request.</param>
    /// <param name="like">How the server removes its own, which says its Domain; null when it was not asked.</param>
    public void Clear(HttpContext context, string? like)
    {
        TakeBack(context, Names(isDevice: false));
        Remove(context, Names(isDevice: false), With(context, SetCookieHeaderValue.Parse(like ?? $"{SessionName}=; path=/; samesite=lax"), isDevice: false));
    }

    /// <summary>Whether the app's own name is one that browsers keep for its host alone: then neither cookie has the server's Domain.</summary>
    private bool IsNamedForHost => over.Name?.StartsWith(HostPrefix, StringComparison.Ordinal) == true;

    private string[] Names(bool isDevice) => isDevice ? DeviceNames : over.Name is { } own ? [own] : SessionNames;

    private string? First(HttpRequest request, string[] names)
    {
        var isSecure = IsSecure(request, byDefault: false);
        foreach (var name in names)
        {
            if ((!isSecure || Counts(name)) && Read(request.Cookies, name) is { } value)
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>
    /// Whether a name counts over https. The server's own cookies are called <c>__Secure-</c> where they are for a whole domain; an app whose
    /// own name is for its host alone wants none that another host with https can set.
    /// </summary>
    private bool Counts(string name) =>
        name.StartsWith(HostPrefix, StringComparison.Ordinal)
        || (name.StartsWith(SecurePrefix, StringComparison.Ordinal) && !IsNamedForHost);

    private bool IsSecure(HttpRequest request, bool byDefault) => over.SecurePolicy switch
    {
        CookieSecurePolicy.Always => true,
        CookieSecurePolicy.None => false,
        _ => byDefault || request.IsHttps,
    };

    private static string? Read(IRequestCookieCollection cookies, string name) => cookies[name] is { } value && SessionClusterClient.MayBeToken(value) ? value : null;

    /// <summary>Drops what a sign-in before in the same request put into the answer.</summary>
    private static void TakeBack(HttpContext context, string[] names) => context.Response.Headers.SetCookie =
        context.Response.Headers.SetCookie.Where(set => !names.Any(name => set!.StartsWith(name + "=", StringComparison.Ordinal))).ToArray();

    /// <summary>
    /// Removes those of these cookies that the request has. A browser tells cookies of one name apart by Domain and Path, which a request does
    /// not say: so both the one of this very host and the one with today's attributes are removed.
    /// </summary>
    private static void Remove(HttpContext context, IEnumerable<string> names, SetCookieHeaderValue today)
    {
        foreach (var name in names.Where(context.Request.Cookies.ContainsKey))
        {
            var isWider = !IsOfHostAlone(today) && !name.StartsWith(HostPrefix, StringComparison.Ordinal);
            foreach (var (domain, path) in isWider ? [(default, "/"), (today.Domain, today.Path)] : new (StringSegment, StringSegment)[] { (default, "/") })
            {
                var gone = new SetCookieHeaderValue(name, "")
                {
                    Domain = domain, Path = path, MaxAge = TimeSpan.Zero, Expires = DateTimeOffset.UnixEpoch, HttpOnly = true, SameSite = today.SameSite,
                    Secure = today.Secure || name.StartsWith("__", StringComparison.Ordinal),
                };
                context.Response.Headers.Append(HeaderNames.SetCookie, gone.ToString());
            }
        }
    }

    /// <summary>The cookie as the app wants it.</summary>
    private SetCookieHeaderValue With(HttpContext context, SetCookieHeaderValue cookie, bool isDevice)
    {
        cookie.Domain = over.Domain ?? (IsNamedForHost ? default : cookie.Domain);
        cookie.Path = over.Path ?? cookie.Path;
        cookie.SameSite = over.SameSite == Microsoft.AspNetCore.Http.SameSiteMode.Unspecified ? cookie.SameSite : (SameSiteMode)over.SameSite;
        cookie.Secure = IsSecure(context.Request, byDefault: cookie.Secure);
        cookie.Name = !isDevice && over.Name is { } own ? own : NameFor(cookie);
        return cookie;
    }

    /// <summary>The name with the prefix that promises all that the attributes keep: browsers drop a cookie whose prefix promises more.</summary>
    private static StringSegment NameFor(SetCookieHeaderValue cookie)
    {
        var name = cookie.Name.ToString();
        var bare = Prefixes.Where(prefix => name.StartsWith(prefix, StringComparison.Ordinal)).Select(prefix => name[prefix.Length..]).First();
        return !cookie.Secure ? bare : (IsOfHostAlone(cookie) ? HostPrefix : SecurePrefix) + bare;
    }

    private static bool IsOfHostAlone(SetCookieHeaderValue cookie) => StringSegment.IsNullOrEmpty(cookie.Domain) && cookie.Path.Equals("/", StringComparison.Ordinal);
}
