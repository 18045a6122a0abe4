namespace SessionCluster.Api.Tests.UserAgents;

/// <summary>Programs and robots: text, browser, operating system, and the device's family, brand and model.</summary>
internal static class ProgramAgents
{
    public static TheoryData<string, string, string, string, string?, string?> Rows { get; } = new()
    {
        {
            "curl/8.5.0",
            "curl 8.5.0", "Other", "Other", null, null
        },
        {
            "curl/7.88",
            "curl 7.88", "Other", "Other", null, null
        },
        {
            "Wget/1.21.3",
            "Wget 1.21.3", "Other", "Other", null, null
        },
        {
            "Wget/1.21.4 (linux-gnu)",
            "Wget 1.21.4", "Linux", "Other", null, null
        },
        {
            "python-requests/2.31.0",
            "Python Requests 2.31", "Other", "Other", null, null
        },
        {
            "Python-urllib/3.11",
            "Python-urllib 3.11", "Other", "Spider", "Spider", "Desktop"
        },
        {
            "Go-http-client/1.1",
            "Go-http-client 1.1", "Other", "Other", null, null
        },
        {
            "Go-http-client/2.0",
            "Go-http-client 2.0", "Other", "Other", null, null
        },
        {
            "okhttp/4.12.0",
            "okhttp 4.12.0", "Other", "Other", null, null
        },
        {
            "PostmanRuntime/7.36.1",
            "PostmanRuntime 7.36.1", "Other", "Other", null, null
        },
        {
            "axios/1.6.2",
            "axios 1.6.2", "Other", "Other", null, null
        },
        {
            "Apache-HttpClient/4.5.14 (Java/17.0.9)",
            "Apache-HttpClient 4.5.14", "Other", "Other", null, null
        },
        {
            "Java/17.0.9",
            "Java 17.0.9", "Other", "Spider", "Spider", "Desktop"
        },
        {
            "Java/1.8.0_392",
            "Java 8.0.392", "Other", "Spider", "Spider", "Desktop"
        },
        {
            "HTTPie/3.2.2",
            "HTTPie 3.2.2", "Other", "Generic Feature Phone", "Generic", "Feature Phone"
        },
        {
            "Python/3.11 aiohttp/3.9.1",
            "Python aiohttp 3.9.1", "Other", "Other", null, null
        },
        {
            "MyApp/3.4.1 CFNetwork/1410.0.3 Darwin/22.6.0",
            "MyApp 3.4.1", "iOS 16", "iOS-Device", "Apple", "iOS-Device"
        },
        {
            "MyApp/7 (iPhone; iOS 17.1.2; Scale/3.00)",
            "Mobile Safari UI/WKWebView", "iOS 17.1.2", "iPhone", "Apple", "iPhone"
        },
        {
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Googlebot 2.1", "Other", "Spider", "Spider", "Desktop"
        },
        {
            "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.6045.159 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Googlebot 2.1", "Android 6.0.1", "Spider", "Spider", "Smartphone"
        },
        {
            "Googlebot-Image/1.0",
            "Googlebot-Image 1.0", "Other", "Spider", "Spider", "Desktop"
        },
        {
            "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
            "bingbot 2.0", "Other", "Spider", "Spider", "Desktop"
        },
        {
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36",
            "bingbot 2.0", "Other", "Spider", "Spider", "Desktop"
        },
        {
            "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
            "YandexBot 3.0", "Other", "Spider", "Spider", "Desktop"
        },
        {
            "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
            "Baiduspider 2.0", "Other", "Spider", "Spider", "Desktop"
        },
        {
            "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
            "AhrefsBot 7.0", "Other", "Spider", "Spider", "Desktop"
        },
        {
            "Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)",
            "SemrushBot 7", "Other", "Spider", "Spider", "Desktop"
        },
        {
            "Mozilla/5.0 (compatible; MJ12bot/v1.4.8; http://mj12bot.com/)",
            "MJ12bot 1.4.8", "Other", "Spider", "Spider", "Desktop"
        },
        {
            "Mozilla/5.0 (compatible; DotBot/1.2; +https://opensiteexplorer.org/dotbot; help@moz.com)",
            "DotBot 1.2", "Other", "Spider", "Spider", "Desktop"
        },
        {
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1.1 Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)",
            "Applebot 0.1", "Mac OS X 10.15.5", "Mac", "Apple", "Mac"
        },
        {
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
            "GPTBot 1.2", "Other", "Spider", "Spider", "Desktop"
        },
        {
            "DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)",
            "DuckDuckBot 1.1", "Other", "Spider", "Spider", "Desktop"
        },
        {
            "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
            "FacebookBot 1.1", "Other", "Spider", "Spider", "Desktop"
        },
        {
            "Twitterbot/1.0",
            "Twitterbot 1.0", "Other", "Spider", "Spider", "Desktop"
        },
        {
            "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
            "LinkedInBot 1.0", "Other", "Spider", "Spider", "Desktop"
        },
        {
            "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
            "Slackbot-LinkExpanding 1.0", "Other", "Spider", "Spider", "Desktop"
        },
        {
            "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
            "Discordbot 2.0", "Other", "Spider", "Spider", "Desktop"
        },
        {
            "WhatsApp/2.23.20.0",
            "WhatsApp 2.23.20", "Other", "Spider", "Spider", "Desktop"
        },
        {
            "TelegramBot (like TwitterBot)",
            "TelegramBot", "Other", "Spider", "Spider", "Desktop"
        },
        {
            "Mozilla/5.0 (compatible; PetalBot;+https://webmaster.petalsearch.com/site/petalbot)",
            "PetalBot", "Other", "Spider", "Spider", "Desktop"
        },
        {
            "Mozilla/5.0 (Linux; Android 7.0;) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36 (compatible; PetalBot;+https://webmaster.petalsearch.com/site/petalbot)",
            "PetalBot", "Other", "Spider", "Spider", "Smartphone"
        },
        {
            "node-fetch/1.0 (+https://github.com/bitinn/node-fetch)",
            "Other", "Other", "Other", null, null
        },
    };
}
