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

    private static readonly string[] Distributions =
    [
        "Ubuntu", "Kubuntu", "Arch Linux", "CentOS", "Slackware", "Gentoo", "openSUSE", "SUSE", "Red Hat", "Fedora", "PCLinuxOS",
        "Mageia", "FreeBSD", "OpenBSD", "NetBSD",
    ];

    private static readonly Rule[] Telephones =
    [
        new("Windows Phone", ["Windows Phone ", "Windows Phone OS "], 2, Most: 2),
        new("Android", ["Android ", "Android-", "Android/"], 1),
    ];

    private static readonly Rule[] AppleSystems =
    [
        new("Tizen", ["Tizen ", "Tizen/"], 2, Most: 2),
        // An iPad that asks for pages as a Mac does.
        new("iOS", ["CriOS/", "EdgiOS/"], After: "Intel Mac OS X"),
        new("Mac OS X", ["Mac OS X ", "Mac OS X/", "; OS X ", "; OS X/"], 2),
        new("Mac OS X", ["Intel Mac OS X", "PPC Mac OS X", "Mac OS X Mach-O"]),
        new("iOS", ["CPU OS ", "iPhone OS ", "CPU iPhone ", "iPhone OS/"], 2),
    ];

    private static readonly Rule[] AppleHandhelds =
    [
        new("iOS", ["iOS ", "iOS/", "iOS; ", "iPhone/", "iPad/"], 2),
        new("WatchOS", ["watchOS ", "watchOS/"], 2),
        new("iOS", ["iPhone", "iPad", "iPod"]),
        new("tvOS", ["tvOS ", "tvOS/"], 2),
    ];

    private static readonly Rule[] Others =
    [
        new("Debian", ["Debian"]),
        new("debian", ["debian"]),
        new("KaiOS", ["KAIOS/", "KaiOS/", "KAiOS/"], 2),
    ];

    private static readonly Rule[] Last =
    [
        new("Chromecast", ["CrKey/"], 2),
        new("webOS", ["webOS/", "hpwOS/"], 2),
        .. Distributions.Select(name => new Rule(name, [name + "/", name + " "], 2, Most: 4)),
        new("Windows", ["Windows"]),
        new("Android", ["Android"]),
        new("Web0S", ["Web0S"]),
        .. Distributions.Select(name => new Rule(name, [name])),
    ];

    public static OsPart Read(ReadOnlySpan<char> text) => text.HasAny(["PetalBot", "AspiegelBot"])
        ? Part(ParsedUserAgent.Other, default)
        : Match(text, Telephones) ?? Windows(text) ?? Match(text, AppleSystems) ?? Darwin(text) ?? Match(text, AppleHandhelds) ?? ChromeOs(text)
            ?? Match(text, Others) ?? BlackBerry(text) ?? FirefoxOs(text) ?? Match(text, Last) ?? Linux(text) ?? Part(ParsedUserAgent.Other, default);

    private static OsPart? Match(ReadOnlySpan<char> text, Rule[] rules)
    {
        foreach (var rule in rules)
        {
            if (rule.Read(text) is { } system)
            {
                return system;
            }
        }

        return null;
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

    private static OsPart? BlackBerry(ReadOnlySpan<char> text)
    {
        if (!text.HasAny(["BB10", "BlackBerry"]))
        {
            return null;
        }

        text.TryFind("Version/", 3, out var version, out _);
        return Part("BlackBerry OS", version, text.Has("BB10") ? 3 : 4);
    }

    private static OsPart? FirefoxOs(ReadOnlySpan<char> text) =>
        text.HasAny(["(Mobile;", "(Tablet;"]) && text.TryFind("Firefox/", 2, out _, out _) ? Part("Firefox OS", default) : null;

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

    /// <summary>A system that gives itself away by a text.</summary>
    /// <param name="Tokens">The texts, in their order: before its version or, where none is read, anywhere.</param>
    /// <param name="Least">How many numbers its version has at least; 0 where none is read.</param>
    /// <param name="Most">How many of them count.</param>
    /// <param name="After">A text that is there, too.</param>
    private sealed record Rule(string Family, string[] Tokens, int Least = 0, int Most = 3, string? After = null)
    {
        public OsPart? Read(ReadOnlySpan<char> text) => After is not null && !text.Has(After) ? null : Least == 0
            ? (text.HasAny(Tokens) ? Part(Family, default) : null)
            : text.TryFindAny(Tokens, Least, out var version) ? Part(Family, version, Most) : null;
    }
}
