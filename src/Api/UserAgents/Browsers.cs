namespace SessionCluster.Api.UserAgents;

/// <summary>Browsers and other clients. The order of the rules is their priority: most browsers also name their ancestors.</summary>
internal static class Browsers
{
    private static readonly string[] AppleHandhelds = ["iPhone", "iPad", "iPod"];

    /// <summary>Programs that fetch: seldom anybody's browser, and sure of their own name.</summary>
    private static readonly Rule[] Programs =
    [
        new("facebookexternalhit/", "FacebookBot", Least: 2),
        .. Named(2, "Twitterbot"),
        .. Named(
            1, "LinkedInBot", "Google-HTTP-Java-Client", "Apache-HttpClient", "PostmanRuntime", "Go-http-client", "Python-urllib", "okhttp",
            "reqwest", "axios"),
    ];

    private static readonly Rule[] First =
    [
        .. Named(2, "SeaMonkey", "Waterfox"),
        new("Instagram ", "Instagram", Least: 3, After: "Mobile"),
        new("Snapchat/", "Snapchat", Least: 4),
        new("PaleMoon/", "Pale Moon", Least: 2),
        new("Firefox/", "Firefox Mobile", Least: 2, Most: 2, After: "Mobile;"),
        new("Firefox/", "Firefox Mobile", Least: 2, Most: 2, After: "Tablet;"),
        new("FxiOS/", "Firefox iOS", Least: 2),
        new("UCBrowser/", "UC Browser", Least: 3),
        new("Opera Mini/", "Opera Mini", Least: 0),
        new("Version/", "Opera Mobile", Least: 2, Most: 2, After: "Opera Mobi"),
        new("Version/", "Opera", Least: 2, After: "Opera/9.80"),
        new("OPR/", "Opera Mobile", Least: 3, After: "Mobile Safari"),
        new("OPR/", "Opera", Least: 3, After: "Chrome"),
        new("OPiOS/", "Opera Mini", Least: 3),
        new("OPT/", "Opera Touch", Least: 2),
        new("OPX/", "Opera GX", Least: 2),
        new("Silk/", "Amazon Silk", Least: 2),
        new("Puffin/", "Puffin", Least: 2),
        new("Edge/", "Edge Mobile", Least: 2, Most: 2, After: "Windows Phone "),
        new("EdgiOS/", "Edge Mobile", Least: 3),
        new("EdgA/", "Edge Mobile", Least: 3),
        new("SamsungBrowser/", "Samsung Internet", Least: 2, Most: 2),
        new("MiuiBrowser/", "MiuiBrowser", Least: 3),
        new("GSA/", "Google", Least: 3, After: "Android"),
        new("MQQBrowser/", "QQ Browser Mobile"),
        new("QQBrowser/", "QQ Browser"),
        new("DuckDuckGo/", "DuckDuckGo Mobile", Most: 1, After: "Mobile"),
        new("Ddg/", "DuckDuckGo Mobile", Most: 2, After: "Mobile"),
        new("Ddg/", "DuckDuckGo", Most: 2),
        new("HuaweiBrowser/", "Huawei Browser", Least: 4),
        new("Chrome/", "Chrome Mobile WebView", Least: 4, After: "Version/"),
        new("Chrome/", "Chrome Mobile WebView", Least: 4, After: "; wv)"),
        new("CriOS/", "Chrome Mobile iOS"),
        new("Chrome/", "Chrome Mobile", Least: 4, Before: " Mobile"),
        new("Chrome/", "Chrome Mobile", Least: 4, After: " Mobile "),
        new("YaBrowser/", "Yandex Browser", Least: 3),
        new("Whale/", "Whale", Least: 3),
        new("Slack_SSB/", "Slack Desktop Client", Least: 3),
        .. Named(3, "Konqueror", "Electron"),
        new("Thunderbird/", "Thunderbird", Least: 2),
        new("Vivaldi/", "Vivaldi", Least: 3),
        new("Edge/", "Edge"),
        new("Edg/", "Edge"),
        new("HeadlessChrome/", "HeadlessChrome", Least: 3),
        .. Named(2, "Lynx", "Opera", "Chromium", "Chrome"),
        new("IEMobile/", "IE Mobile", Least: 2, Most: 2),
        new("Opera ", "Opera"),
        new("Android ", "Android"),
    ];

    private static readonly Rule[] Last =
    [
        new("PhantomJS/", "PhantomJS", Least: 3),
        new("Version/", "Safari", Least: 2, Before: "Safari/"),
        new("Safari/", "Safari", Most: 0),
        new("Trident/7.", "IE", Fixed: "11"),
        new("Trident/6.", "IE", Fixed: "10"),
        new("Trident/5.", "IE", Fixed: "9"),
        new("Trident/4.", "IE", Fixed: "8"),
        new("AppleWebKit/", "Apple Mail", Least: 3),
        new("Firefox/", "Firefox", Least: 2),
        new("MSIE ", "IE", Least: 2, Most: 2),
        new("python-requests/", "Python Requests", Least: 2, Most: 2),
        .. Named(1, "WindowsPowerShell", "libwww-perl", "curl", "Wget", "aria2", "insomnia", "ReactorNetty", "HTTPie"),
        new("got ", "got"),
        new("aiohttp/", "Python aiohttp", Least: 3, After: "Python/3."),
        new("GuzzleHttp/", "GuzzleHttp", Least: 3),
        new("Java/1.", "Java", Least: 2),
        new("Java/", "Java", Least: 3),
    ];

    public static BrowserPart Read(ReadOnlySpan<char> text) =>
        AppOf(text) ?? Match(text, Programs) ?? Bots.Read(text) ?? Facebook(text) ?? Match(text, First) ?? Handheld(text)
        ?? Match(text, Last) ?? new BrowserPart(ParsedUserAgent.Other, "", "", "");

    /// <summary>An app on Apple's network library: <c>Name/1.2 CFNetwork/1410 Darwin/22</c>.</summary>
    private static BrowserPart? AppOf(ReadOnlySpan<char> text)
    {
        var library = text.IndexOf(" CFNetwork", StringComparison.Ordinal);
        var slash = library < 0 ? -1 : text[..library].LastIndexOf('/');
        if (slash is > 0 and <= 200)
        {
            var version = Version4.ReadAt(text, slash + 1);
            if (version.Count > 0 && version.End == library)
            {
                return Part(text[..slash].ToString(), version);
            }
        }

        return text.TryFind("CFNetwork/", 2, out var own, out _) ? Part("CFNetwork", own) : null;
    }

    /// <summary>The app of Facebook or its messenger: <c>[FBAN/...;FBAV/1.2.3;...]</c>.</summary>
    private static BrowserPart? Facebook(ReadOnlySpan<char> text)
    {
        var app = text.IndexOf("[FB", StringComparison.Ordinal);
        if (app < 0 || text[app..].IndexOf(';') < 0)
        {
            return null;
        }

        text[app..].TryFind(";FBAV/", 1, out var version, out _);
        return Part(text.HasAny(["FBAN/MessengerForiOS", "FB_IAB/MESSENGER"]) ? "Facebook Messenger" : "Facebook", version);
    }

    /// <summary>Browsers of iOS: all of them are Safari underneath.</summary>
    private static BrowserPart? Handheld(ReadOnlySpan<char> text)
    {
        if (!text.HasAny(AppleHandhelds))
        {
            return null;
        }

        if (text.TryFind("GSA/", 3, out var google, out _))
        {
            return Part("Google", google);
        }

        var safari = text.Has(" Safari");
        var family = safari ? "Mobile Safari" : "Mobile Safari UI/WKWebView";
        return text.TryFind("Version/", 2, out var version, out _) ? Part(family, version) : Part(family, default);
    }

    /// <summary>Clients that stand in the text by the name of their family, with a slash before the version.</summary>
    private static IEnumerable<Rule> Named(int least, params string[] families) => families.Select(family => new Rule($"{family}/", family, least));

    private static BrowserPart? Match(ReadOnlySpan<char> text, Rule[] rules)
    {
        foreach (var rule in rules)
        {
            if (text.TryFind(rule.Token, rule.Fixed is null ? rule.Least : 0, out var version, out var start) && rule.Fits(text, version, start))
            {
                return rule.Fixed is { } major ? new BrowserPart(rule.Family, major, "0", "") : Part(rule.Family, version, rule.Most);
            }
        }

        return null;
    }

    public static BrowserPart Part(string family, Version4 version, int most = 3) => new(
        family,
        most >= 1 ? version.Major ?? "" : "",
        most >= 2 ? version.Minor ?? "" : "",
        most >= 3 ? version.Patch ?? "" : "");

    /// <summary>One client.</summary>
    /// <param name="Token">The text before its version.</param>
    /// <param name="Least">How many numbers its version has at least.</param>
    /// <param name="Most">How many of them count.</param>
    /// <param name="After">A text that stands before the token.</param>
    /// <param name="Before">A text that stands after the version; at once when it begins with a blank.</param>
    /// <param name="Fixed">The major version, when the token gives it away.</param>
    private sealed record Rule(
        string Token, string Family, int Least = 1, int Most = 3, string? After = null, string? Before = null, string? Fixed = null)
    {
        public bool Fits(ReadOnlySpan<char> text, Version4 version, int start)
        {
            if (After is not null && !text[..start].Has(After))
            {
                return false;
            }

            if (Before is null)
            {
                return true;
            }

            var rest = text[version.End..];
            return Before[0] == ' ' ? rest.StartsWith(Before, StringComparison.Ordinal) : rest.Has(Before);
        }
    }
}
