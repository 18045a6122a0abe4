namespace SessionCluster.Api.Site;

/// <summary>A cookie to be set.</summary>
/// <param name="SetCookie">The whole value of a Set-Cookie header.</param>
internal readonly record struct SiteCookie(string Name, string Value, string SetCookie);

/// <summary>Names and attributes of our cookies: HttpOnly, SameSite=Lax, Path=/, Secure and a name prefix on https.</summary>
internal sealed class SiteCookies(PublicSite site)
{
    /// <summary>Longest life of a cookie; browsers cut longer ones to it.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromDays(400);

    private const string SessionBaseName = "sessioncluster_session";

    private const string DeviceBaseName = "sessioncluster_device";

    private const string PlanBaseName = "sessioncluster_plan";

    public string SessionName => field ??= Prefix + SessionBaseName;

    public string DeviceName => field ??= Prefix + DeviceBaseName;

    /// <summary>Name of the plan cookie, which is for this host alone.</summary>
    public string PlanName => field ??= (site.IsSecure ? "__Host-" : "") + PlanBaseName;

    // __Host- forbids a Domain attribute; __Secure- allows it. Both demand Secure, so plain http has neither.
    private string Prefix => (site.IsSecure, site.Options.CookieDomain) switch
    {
        (false, _) => "",
        (true, null) => "__Host-",
        (true, _) => "__Secure-",
    };

    /// <summary>The session cookie. One that ends with the browser has no lifetime of its own.</summary>
    public SiteCookie Session(SessionInfo session, string token, DateTimeOffset now) =>
        Make(SessionName, token, session.EndsWithBrowser ? null : session.Expires, now);

    public SiteCookie Device(DeviceCookieClaim claim, string value, DateTimeOffset now) =>
        Make(DeviceName, value, claim.CookieExpires, now);

    /// <summary>A Set-Cookie value that removes the session cookie.</summary>
    public string ClearSession() => Text(SessionName, "", 0, DateTimeOffset.UnixEpoch);

    /// <summary>A Set-Cookie value that hands a plan to its page.</summary>
    public string Plan(string token, TimeSpan life, DateTimeOffset now)
    {
        var seconds = (long)life.TotalSeconds;
        return Text(PlanName, token, seconds, now.AddSeconds(seconds), hostOnly: true);
    }

    /// <summary>A Set-Cookie value that removes the plan cookie.</summary>
    public string ClearPlan() => Text(PlanName, "", 0, DateTimeOffset.UnixEpoch, hostOnly: true);

    private SiteCookie Make(string name, string value, DateTimeOffset? expires, DateTimeOffset now)
    {
        if (expires is not { } end)
        {
            return new SiteCookie(name, value, Text(name, value, null, default));
        }

        var seconds = (long)Math.Clamp((end - now).TotalSeconds, 0, LongestLife.TotalSeconds);
        return new SiteCookie(name, value, Text(name, value, seconds, now.AddSeconds(seconds)));
    }

    private string Text(string name, string value, long? maxAge, DateTimeOffset expires, bool hostOnly = false)
    {
        var domain = !hostOnly && site.Options.CookieDomain is { } parent ? $"; Domain={parent}" : "";
        var life = maxAge is { } seconds ? string.Create(CultureInfo.InvariantCulture, $"; Max-Age={seconds}; Expires={expires:R}") : "";
        return $"{name}={value}; Path=/{domain}{life}; HttpOnly{(site.IsSecure ? "; Secure" : "")}; SameSite=Lax";
    }
}
