namespace SessionCluster.Api.Pages.Words;

/// <summary>A browser or program in words: "Firefox on Linux", and the icon that goes with it.</summary>
/// <param name="IsKnown">False when the user agent says nothing that is understood.</param>
public readonly record struct DeviceWords(string Icon, string Name, bool IsKnown)
{
    /// <summary>What a User-Agent header says.</summary>
    public static DeviceWords Of(string userAgent)
    {
        var read = UserAgentParser.Parse(userAgent);
        var (browser, system) = (BrowserName(read.UserAgent.Family), SystemName(read));
        if (browser is null)
        {
            return new DeviceWords("unknown", "Unknown program", IsKnown: false);
        }

        if (read.Device.Family == "Spider" || system is null)
        {
            var version = read.UserAgent.Major.Length > 0 ? $" {read.UserAgent.Major}{(read.UserAgent.Minor.Length > 0 ? "." + read.UserAgent.Minor : "")}" : "";
            return new DeviceWords("program", browser + version, IsKnown: true);
        }

        return new DeviceWords(IconOf(system, userAgent), $"{browser} on {system}", IsKnown: true);
    }

    private static string? BrowserName(string family) => family switch
    {
        ParsedUserAgent.Other => null,
        "Mobile Safari" or "Mobile Safari UI/WKWebView" => "Safari",
        "Chrome Mobile" or "Chrome Mobile iOS" or "Chrome Mobile WebView" => "Chrome",
        "Firefox Mobile" or "Firefox iOS" => "Firefox",
        "Edge Mobile" => "Edge",
        "Opera Mobile" or "Opera Touch" => "Opera",
        "DuckDuckGo Mobile" => "DuckDuckGo",
        _ => family,
    };

    private static string? SystemName(ParsedUserAgent read) => read.Os.Family switch
    {
        ParsedUserAgent.Other => null,
        "iOS" => read.Device.Family is "iPhone" or "iPad" or "iPod" ? read.Device.Family : "iOS",
        "Mac OS X" => "macOS",
        "Chrome OS" => "ChromeOS",
        var family => family,
    };

    private static string IconOf(string system, string userAgent) => system switch
    {
        "iPhone" or "iPod" or "iOS" or "Windows Phone" => "phone",
        "iPad" => "tablet",
        "Android" => userAgent.Contains("Mobile", StringComparison.Ordinal) ? "phone" : "tablet",
        _ => "desktop",
    };
}
