namespace SessionCluster.Api.UserAgents;

/// <summary>Devices. A desktop computer other than a Mac names none.</summary>
internal static class Devices
{
    /// <summary>How deep into the text a robot's name counts.</summary>
    private const int SpiderDepth = 100;

    /// <summary>The longest model name that is taken over.</summary>
    private const int MaxModelLength = 100;

    private static readonly string[] MobileHosts = ["iPhone", "Windows Phone", "Android"];

    private static readonly string[] Spiders =
    [
        "bot", "crawl", "spider", "slurp", "yahoo", "indexer", "scraper", "archiver", "favicon", "facebookexternalhit", "whatsapp",
        "pingdom", "statuscake", "python-urllib", "http%20client", "google-http-java-client", "bingpreview", "scrapy", "nutch",
        "heritrix", "netvibes", "wordpress", "sogou", "appengine-google", "qwantify", "winhttp",
    ];

    public static DevicePart Read(ReadOnlySpan<char> text) =>
        MobileSpider(text) ?? AndroidModel(text) ?? Apple(text) ?? Tablet(text) ?? Spider(text) ?? Computer(text);

    private static DevicePart? MobileSpider(ReadOnlySpan<char> text)
    {
        if (text.HasAny(["PetalBot", "AspiegelBot"]))
        {
            return new DevicePart("Spider", "Spider", text.Has("Mobile") ? "Smartphone" : "Desktop");
        }

        var robot = text.Contains("BingPreview", StringComparison.OrdinalIgnoreCase)
            || text.Contains("bot.html", StringComparison.OrdinalIgnoreCase)
            || text.Contains("spider.html", StringComparison.OrdinalIgnoreCase)
            || text.TryFindAny(["bot/", "Bot/", "bots/"], 1, out _);
        return robot && text.HasAny(MobileHosts) ? new DevicePart("Spider", "Spider", "Smartphone") : null;
    }

    /// <summary>
    /// The model of an Android device, which stands behind the version and at times a language:
    /// <c>Android 13; SM-S908B Build/...)</c>, <c>Android 4.0.4; en-gb; GT-I9300 Build/...)</c>.
    /// </summary>
    private static DevicePart? AndroidModel(ReadOnlySpan<char> text)
    {
        // Windows Phone claims to be Android.
        if (text.Has("Windows Phone") || !text.TryFind("Android ", 1, out var version, out _) || version.End >= text.Length || text[version.End] != ';')
        {
            return null;
        }

        var rest = text[(version.End + 1)..].TrimStart(' ');
        if (IsLanguage(rest))
        {
            rest = rest[(rest.IndexOf(';') + 1)..].TrimStart(' ');
        }

        var end = rest.IndexOfAny(';', ')');
        if (end < 0)
        {
            return null;
        }

        var build = rest[..end].IndexOf(" Build", StringComparison.Ordinal);
        var model = rest[..(build < 0 ? end : build)].Trim();
        if (model.Length is 0 or > MaxModelLength || model is "Mobile" or "Tablet" or "wv")
        {
            return null;
        }

        return Models.Read(model.ToString(), tablet: text.Has(" Safari/") && !text.Has(" Mobile Safari/"));
    }

    /// <summary>Whether the text begins with a language such as <c>en;</c>, <c>en-gb;</c> or <c>zh_CN;</c>.</summary>
    private static bool IsLanguage(ReadOnlySpan<char> text)
    {
        var end = text.IndexOf(';');
        return end switch
        {
            2 => char.IsAsciiLetter(text[0]) && char.IsAsciiLetterLower(text[1]),
            5 => char.IsAsciiLetterLower(text[0]) && char.IsAsciiLetterLower(text[1]) && text[2] is '-' or '_'
                && char.IsAsciiLetter(text[3]) && char.IsAsciiLetter(text[4]),
            _ => false,
        };
    }

    private static DevicePart? Apple(ReadOnlySpan<char> text)
    {
        foreach (var name in (ReadOnlySpan<string>)["iPhone", "iPad", "iPod"])
        {
            // The identifier of the hardware, such as iPhone14,2, is the model.
            if (text.TryFind(name, 1, out var number, out _) && number.End + 1 < text.Length && text[number.End] == ','
                && Version4.ReadAt(text, number.End + 1) is { Count: > 0 } second)
            {
                return new DevicePart("Apple", name, $"{name}{number.Major},{second.Major}");
            }
        }

        foreach (var name in (ReadOnlySpan<string>)["iPad", "iPod", "iPhone", "Apple Watch"])
        {
            if (text.HasAny([name + ";", name + " touch;", name + " Simulator;"]) || (name == "iPhone" && text.Has(name)))
            {
                return new DevicePart("Apple", name, name);
            }
        }

        if (text.HasAny(["AppleTV", "Apple TV"]))
        {
            return new DevicePart("Apple", "AppleTV", "AppleTV");
        }

        return text.Has("CFNetwork/") && text.TryFind(" Darwin/", 1, out _, out _)
            ? text.Has("(x86_64)") ? new DevicePart("Apple", "Mac", "Mac") : new DevicePart("Apple", "iOS-Device", "iOS-Device")
            : null;
    }

    private static DevicePart? Tablet(ReadOnlySpan<char> text)
    {
        var firefox = text.Has("Firefox/");
        if ((firefox && text.Has("Tablet; ")) || text.Has("Android 3."))
        {
            return new DevicePart("Generic", "Generic Tablet", "Tablet");
        }

        var telephone = text.HasAny(["Android", "Windows Phone", "Opera Mobi", "iPhone OS", "Windows CE", "Symbian"])
            || (firefox && text.Has("Mobile; "));
        return telephone ? new DevicePart("Generic", "Generic Smartphone", "Smartphone") : null;
    }

    private static DevicePart? Spider(ReadOnlySpan<char> text)
    {
        foreach (var name in Spiders)
        {
            var head = text[..Math.Min(text.Length, SpiderDepth + name.Length)];
            if (head.Contains(name, StringComparison.OrdinalIgnoreCase))
            {
                return new DevicePart("Spider", "Spider", "Desktop");
            }
        }

        return text.StartsWith("Java/", StringComparison.OrdinalIgnoreCase) ? new DevicePart("Spider", "Spider", "Desktop") : null;
    }

    private static DevicePart Computer(ReadOnlySpan<char> text)
    {
        if (text.TryFind("PlayStation ", 1, out var console, out _))
        {
            return new DevicePart("Sony", $"PlayStation {console.Major}", $"PlayStation {console.Major}");
        }

        if (text.HasAny(["Opera Mini", "MIDP", "midp"]))
        {
            return new DevicePart("Generic", "Generic Feature Phone", "Feature Phone");
        }

        return text.Has("Mac OS")
            ? new DevicePart("Apple", "Mac", "Mac")
            : new DevicePart(null, ParsedUserAgent.Other, null);
    }
}

/// <summary>Makers of Android devices, known by how their models are named.</summary>
internal static class Models
{
    /// <summary>
    /// By the beginning of a model: the maker, what the device's family puts before the model, and whether the beginning is the
    /// maker's name and no part of the model.
    /// </summary>
    private static readonly (string Start, string Brand, string Family, bool Cut)[] Makers =
    [
        ("SAMSUNG ", "Samsung", "Samsung ", true), ("SAMSUNG-", "Samsung", "Samsung ", true), ("SM-", "Samsung", "Samsung ", false),
        ("GT-", "Samsung", "Samsung ", false), ("SCH-", "Samsung", "Samsung ", false), ("SGH-", "Samsung", "Samsung ", false),
        ("SHV-", "Samsung", "Samsung ", false), ("SPH-", "Samsung", "Samsung ", false), ("Pixel", "Google", "", false),
        ("Redmi ", "XiaoMi", "XiaoMi ", false), ("Mi ", "XiaoMi", "XiaoMi ", false), ("MI ", "XiaoMi", "XiaoMi ", false),
        ("HM ", "XiaoMi", "XiaoMi ", false), ("moto ", "Motorola", "Motorola ", true), ("HUAWEI ", "Huawei", "Huawei ", true),
        ("LG-", "LG", "LG-", true), ("HTC ", "HTC", "HTC ", true), ("HTC_", "HTC", "HTC ", true),
        ("ONEPLUS ", "OnePlus", "OnePlus ", false), ("CPH", "Oppo", "Oppo ", false), ("OPPO ", "Oppo", "Oppo ", true),
        ("vivo ", "vivo", "vivo ", true), ("RMX", "Oppo", "Oppo ", false), ("Lenovo ", "Lenovo", "Lenovo ", true),
        ("ASUS_", "Asus", "Asus ", true), ("Nokia ", "Nokia", "Nokia ", true),
    ];

    /// <summary>The device of a model.</summary>
    /// <param name="model">The model, as the text names it.</param>
    /// <param name="tablet">Whether its browser says that it is not a telephone.</param>
    public static DevicePart Read(string model, bool tablet)
    {
        foreach (var (start, brand, family, cut) in Makers)
        {
            if (model.Length > start.Length && model.StartsWith(start, StringComparison.Ordinal))
            {
                var name = cut ? model[start.Length..] : model;
                return new DevicePart(brand, family + name, name);
            }
        }

        // Amazon's tablets have a model code each, and one name.
        return model.StartsWith("KF", StringComparison.Ordinal)
            ? new DevicePart("Amazon", "Kindle", "Kindle")
            : new DevicePart(tablet ? "Generic_Android_Tablet" : "Generic_Android", model, model);
    }
}
