namespace SessionCluster.Api.UserAgents;

/// <summary>Operating systems. The order of the questions is their priority: Android is also Linux, a telephone also Mac OS X.</summary>
internal static class OperatingSystems
{
    /// <summary>Windows by the text that gives it away.</summary>
    private static readonly (string Token, string Major, string? Minor)[] WindowsVersions =
    [
        ("Windows Mobile", "", null), ("Windows 10", "10", null), ("Windows NT 5.2", "XP", null), ("Windows NT 5.1", "XP", null),
        ("Windows NT 6.1", "7", null), ("Windows NT 6.0", "Vista", null), ("Win 9x 4.90", "ME", null),
        ("Windows NT 6.2; ARM;", "RT", null), ("Windows NT 6.2", "8", null), ("Windows NT 6.3; ARM;", "RT 8", "1"),
        ("Windows NT 6.3", "8", "1"), ("Windows NT 6.4", "10", null), ("Windows NT 10.0", "10", null),
        ("Windows NT 5.0", "2000", null), ("WinNT4.0", "NT 4.0", null), ("Windows CE", "CE", null), ("Windows 95", "95", null),
        ("Win95", "95", null), ("Windows 98", "98", null), ("Win98", "98", null), ("Windows ME", "ME", null),
        ("Windows 2000", "2000", null), ("Windows XP", "XP", null), ("Windows Vista", "Vista", null), ("Windows 7", "7", null),
        ("Windows NT", "NT", null), ("WinNT", "NT", null), ("Win16", "3.1", null), ("Win32", "95", null),
    ];

    private static readonly string[] AppleHandhelds = ["iPhone", "iPad", "iPod"];

    private static readonly string[] Distributions =
    [
        "Ubuntu", "Kubuntu", "Arch Linux", "CentOS", "Slackware", "Gentoo", "openSUSE", "SUSE", "Red Hat", "Fedora", "PCLinuxOS",
        "Mageia", "FreeBSD", "OpenBSD", "NetBSD",
    ];

    public static OsPart Read(ReadOnlySpan<char> text)
    {
        if (text.HasAny(["PetalBot", "AspiegelBot"]))
        {
            return Part(ParsedUserAgent.Other, default);
        }

        return Android(text) ?? Windows(text) ?? Apple(text) ?? Other(text) ?? Part(ParsedUserAgent.Other, default);
    }

    private static OsPart? Android(ReadOnlySpan<char> text)
    {
        if (text.TryFindAny(["Windows Phone ", "Windows Phone OS "], 2, out var phone))
        {
            return Part("Windows Phone", phone, 2);
        }

        return text.TryFindAny(["Android ", "Android-", "Android/"], 1, out var version) ? Part("Android", version, 3) : null;
    }

    private static OsPart? Windows(ReadOnlySpan<char> text)
    {
        if (!text.Has("Win"))
        {
            return null;
        }

        foreach (var (token, major, minor) in WindowsVersions)
        {
            if (text.Has(token))
            {
                return major.Length == 0
                    ? Part(token, default)
                    : new OsPart("Windows", major, minor, null, null);
            }
        }

        return null;
    }

    private static OsPart? Apple(ReadOnlySpan<char> text)
    {
        if (text.TryFind("Tizen ", 2, out var tizen, out _) || text.TryFind("Tizen/", 2, out tizen, out _))
        {
            return Part("Tizen", tizen, 2);
        }

        if (text.TryFindAny(["Mac OS X ", "Mac OS X/", "; OS X ", "; OS X/"], 2, out var mac))
        {
            return Part("Mac OS X", mac, 3);
        }

        if (text.HasAny(["Intel Mac OS X", "PPC Mac OS X", "Mac OS X Mach-O"]))
        {
            return Part("Mac OS X", default);
        }

        if (text.TryFindAny(["CPU OS ", "iPhone OS ", "CPU iPhone ", "iPhone OS/"], 2, out var ios))
        {
            return Part("iOS", ios, 3);
        }

        return Darwin(text) ?? Handheld(text);
    }

    /// <summary>An app on Apple's network library tells the kernel only, whose number runs six ahead of that of iOS.</summary>
    private static OsPart? Darwin(ReadOnlySpan<char> text)
    {
        if (!text.Has("CFNetwork/") || !text.TryFind(" Darwin/", 1, out var kernel, out _))
        {
            return null;
        }

        var known = int.TryParse(kernel.Major, out var major) && major is >= 15 and <= 22;
        var desktop = text.Has("(x86_64)");
        if (desktop && known && major <= 17)
        {
            return new OsPart("Mac OS X", "10", $"{major - 4}", null, null);
        }

        return new OsPart("iOS", known ? $"{major - 6}" : null, null, null, null);
    }

    private static OsPart? Handheld(ReadOnlySpan<char> text)
    {
        if (text.TryFindAny(["iOS ", "iOS/", "iOS; ", "iPhone/", "iPad/"], 2, out var version))
        {
            return Part("iOS", version, 3);
        }

        if (text.TryFindAny(["watchOS ", "watchOS/"], 2, out var watch))
        {
            return Part("WatchOS", watch, 3);
        }

        if (text.HasAny(AppleHandhelds))
        {
            return Part("iOS", default);
        }

        return text.TryFindAny(["tvOS ", "tvOS/"], 2, out var tv) ? Part("tvOS", tv, 3) : null;
    }

    private static OsPart? Other(ReadOnlySpan<char> text)
    {
        if (ChromeOs(text) is { } chrome)
        {
            return chrome;
        }

        if (text.HasAny(["Debian", "debian"]))
        {
            return Part(text.Has("Debian") ? "Debian" : "debian", default);
        }

        if (text.HasAny(["BB10", "BlackBerry"]))
        {
            text.TryFind("Version/", 3, out var version, out _);
            return Part("BlackBerry OS", version, text.Has("BB10") ? 3 : 4);
        }

        if (text.TryFindAny(["KAIOS/", "KaiOS/", "KAiOS/"], 2, out var kai))
        {
            return Part("KaiOS", kai, 3);
        }

        if (text.HasAny(["(Mobile;", "(Tablet;"]) && text.TryFind("Firefox/", 2, out _, out _))
        {
            return Part("Firefox OS", default);
        }

        return text.TryFind("CrKey/", 2, out var chromecast, out _) ? Part("Chromecast", chromecast, 3) : Linux(text);
    }

    /// <summary>Chrome OS: <c>CrOS x86_64 14541.0.0</c>, the hardware before the version.</summary>
    private static OsPart? ChromeOs(ReadOnlySpan<char> text)
    {
        var start = text.IndexOf("CrOS ", StringComparison.Ordinal);
        if (start < 0)
        {
            return null;
        }

        var hardware = text[(start + "CrOS ".Length)..];
        var blank = hardware.IndexOf(' ');
        var version = blank < 0 ? default : Version4.ReadAt(hardware, blank + 1);
        return version.Count >= 2 ? Part("Chrome OS", version, 3) : null;
    }

    private static OsPart? Linux(ReadOnlySpan<char> text)
    {
        if (text.TryFindAny(["webOS/", "hpwOS/"], 2, out var web))
        {
            return Part("webOS", web, 3);
        }

        foreach (var name in Distributions)
        {
            if (text.TryFindAny([name + "/", name + " "], 2, out var version))
            {
                return Part(name, version);
            }
        }

        foreach (var name in (ReadOnlySpan<string>)["Windows", "Android", "Web0S", .. Distributions])
        {
            if (text.Has(name))
            {
                return Part(name, default);
            }
        }

        if (text.TryFind("Linux", 0, out _, out var linux))
        {
            var kernel = linux + "Linux".Length + 1;
            var version = kernel < text.Length && text[kernel - 1] is ' ' or '/' ? Version4.ReadAt(text, kernel) : default;
            return Part("Linux", version.Count >= 2 ? version : default, 3);
        }

        return text.Has("SunOS") ? Part("Solaris", default) : text.Has("linux") ? Part("Linux", default) : null;
    }

    private static OsPart Part(string family, Version4 version, int most = 4) => new(
        family,
        version.Major,
        version.Minor,
        most >= 3 ? version.Patch : null,
        most >= 4 ? version.PatchMinor : null);
}
