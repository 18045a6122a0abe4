namespace SessionCluster.Api.UserAgents;

/// <summary>Robots, which name themselves in many ways.</summary>
internal static class Bots
{
    /// <summary>Names that do not end like a robot's; letters and hyphens that follow belong to the name.</summary>
    private static readonly string[] Names =
    [
        "AdsBot-Google", "Mediapartners-Google", "AppEngine-Google", "Googlebot", "BingPreview", "Slackbot-LinkExpanding",
        "Slack-ImgProxy", "Yahoo! Slurp", "Yandex", "ia_archiver", "WhatsApp", "Scrapy", "heritrix", "Qwantify", "WordPress",
    ];

    private static readonly string[] Endings = ["bot", "spider", "crawler", "archiver", "indexer", "scraper"];

    public static BrowserPart? Read(ReadOnlySpan<char> text) => Named(text) ?? Ending(text);

    private static BrowserPart? Named(ReadOnlySpan<char> text)
    {
        foreach (var name in Names)
        {
            // A Yandex robot has a longer name; the word alone stands in the browser's own comments.
            var start = text.IndexOf(name, StringComparison.Ordinal);
            if (start < 0 || (start > 0 && text[start - 1] is '.' or '/'))
            {
                continue;
            }

            var end = start + name.Length;
            while (end < text.Length && TextScan.IsNameLetter(text[end]))
            {
                end++;
            }

            if (name != "Yandex" || end > start + name.Length)
            {
                return Versioned(text, start, end);
            }
        }

        return null;
    }

    /// <summary>The first word that ends like a robot's name and stands in no address.</summary>
    private static BrowserPart? Ending(ReadOnlySpan<char> text)
    {
        var at = 0;
        while (at < text.Length)
        {
            var end = at;
            while (end < text.Length && TextScan.IsNameLetter(text[end]))
            {
                end++;
            }

            if (end > at && IsRobot(text[at..end]) && !InAddress(text, at, end))
            {
                return Versioned(text, at, end);
            }

            at = end + 1;
        }

        return null;
    }

    private static bool IsRobot(ReadOnlySpan<char> word)
    {
        // Cubot makes telephones.
        if (word.Equals("cubot", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        foreach (var ending in Endings)
        {
            if (word.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static bool InAddress(ReadOnlySpan<char> text, int start, int end) =>
        (start > 0 && text[start - 1] is '/' or '.' or '@' or ':' or '+') || (end < text.Length && text[end] is '.' or '@' or ':');

    private static BrowserPart Versioned(ReadOnlySpan<char> text, int start, int end)
    {
        var number = end < text.Length && text[end] is '/' or ' ' ? end + 1 : end;
        number = number > end && number < text.Length && text[number] == 'v' ? number + 1 : number;
        return Browsers.Part(text[start..end].ToString(), number > end ? Version4.ReadAt(text, number) : default);
    }
}
