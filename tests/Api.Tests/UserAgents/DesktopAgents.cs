namespace SessionCluster.Api.Tests.UserAgents;

/// <summary>Browsers of computers: text, browser, operating system, and the device's family, brand and model.</summary>
internal static class DesktopAgents
{
    public static TheoryData<string, string, string, string, string?, string?> Rows { get; } = new()
    {
        {
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
            "Chrome 120.0.0", "Windows 10", "Other", null, null
        },
        {
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
            "Chrome 126.0.0", "Mac OS X 10.15.7", "Mac", "Apple", "Mac"
        },
        {
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.6045.159 Safari/537.36",
            "Chrome 119.0.6045", "Linux", "Other", null, null
        },
        {
            "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/121.0.0.0 Safari/537.36",
            "Chrome 121.0.0", "Chrome OS 14541.0.0", "Other", null, null
        },
        {
            "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/109.0.0.0 Safari/537.36",
            "Chrome 109.0.0", "Windows 7", "Other", null, null
        },
        {
            "Mozilla/5.0 (Windows NT 6.3; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/109.0.0.0 Safari/537.36",
            "Chrome 109.0.0", "Windows 8.1", "Other", null, null
        },
        {
            "Mozilla/5.0 (Windows NT 6.2; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/58.0.3029.110 Safari/537.36",
            "Chrome 58.0.3029", "Windows 8", "Other", null, null
        },
        {
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.2210.91",
            "Edge 120.0.2210", "Windows 10", "Other", null, null
        },
        {
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/64.0.3282.140 Safari/537.36 Edge/17.17134",
            "Edge 17.17134", "Windows 10", "Other", null, null
        },
        {
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0",
            "Edge 120.0.0", "Mac OS X 10.15.7", "Mac", "Apple", "Mac"
        },
        {
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:121.0) Gecko/20100101 Firefox/121.0",
            "Firefox 121.0", "Windows 10", "Other", null, null
        },
        {
            "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0",
            "Firefox 115.0", "Ubuntu", "Other", null, null
        },
        {
            "Mozilla/5.0 (X11; Fedora; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
            "Firefox 128.0", "Fedora", "Other", null, null
        },
        {
            "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
            "Firefox 128.0", "Linux", "Other", null, null
        },
        {
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:121.0) Gecko/20100101 Firefox/121.0",
            "Firefox 121.0", "Mac OS X 10.15", "Mac", "Apple", "Mac"
        },
        {
            "Mozilla/5.0 (Windows NT 6.1; WOW64; rv:52.9.1) Gecko/20100101 Firefox/52.9.1",
            "Firefox 52.9.1", "Windows 7", "Other", null, null
        },
        {
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2.1 Safari/605.1.15",
            "Safari 17.2.1", "Mac OS X 10.15.7", "Mac", "Apple", "Mac"
        },
        {
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_2_1) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Safari/605.1.15",
            "Safari 17.2", "Mac OS X 14.2.1", "Mac", "Apple", "Mac"
        },
        {
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36 OPR/105.0.0.0",
            "Opera 105.0.0", "Windows 10", "Other", null, null
        },
        {
            "Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.18",
            "Opera 12.18", "Windows 7", "Other", null, null
        },
        {
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/118.0.0.0 YaBrowser/23.11.0.0 Safari/537.36",
            "Yandex Browser 23.11.0", "Windows 10", "Other", null, null
        },
        {
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/118.0.0.0 Safari/537.36 Vivaldi/6.4.3160.44",
            "Vivaldi 6.4.3160", "Windows 10", "Other", null, null
        },
        {
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/119.0.6045.105 Safari/537.36",
            "HeadlessChrome 119.0.6045", "Linux", "Other", null, null
        },
        {
            "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
            "IE 11.0", "Windows 7", "Other", null, null
        },
        {
            "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0)",
            "IE 10.0", "Windows 8", "Other", null, null
        },
        {
            "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1)",
            "IE 6.0", "Windows XP", "Other", null, null
        },
        {
            "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Thunderbird/115.6.0",
            "Thunderbird 115.6.0", "Linux", "Other", null, null
        },
        {
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Slack/4.35.131 Chrome/118.0.5993.144 Electron/27.1.3 Safari/537.36",
            "Electron 27.1.3", "Mac OS X 10.15.7", "Mac", "Apple", "Mac"
        },
        {
            "Mozilla/5.0 (X11; U; FreeBSD amd64; rv:109.0) Gecko/20100101 Firefox/115.0",
            "Firefox 115.0", "FreeBSD", "Other", null, null
        },
        {
            "Mozilla/5.0 (X11; Ubuntu; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Ubuntu Chromium/80.0.3987.87 Chrome/80.0.3987.87 Safari/537.36",
            "Chromium 80.0.3987", "Ubuntu", "Other", null, null
        },
        {
            "Mozilla/5.0 (PlayStation; PlayStation 5/2.26) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 Safari/605.1.15",
            "Safari 13.0", "Other", "PlayStation 5", "Sony", "PlayStation 5"
        },
    };
}
