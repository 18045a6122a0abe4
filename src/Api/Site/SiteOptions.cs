namespace SessionCluster.Api.Site;

/// <summary>How browsers see this server.</summary>
internal sealed class SiteOptions : ICheckedOptions
{
    private const int MaxRedirects = 100;

    private const int MaxDomainLength = 253;

    /// <summary><c>PublicUrl</c>: where browsers reach it. Default: the first listening URL.</summary>
    public string? PublicUrl { get; set; }

    /// <summary><c>Cookies:Domain</c>: the parent domain of forward auth across subdomains. Default none.</summary>
    public string? CookieDomain { get; set; }

    /// <summary><c>Login:Url</c>: where a browser without a session is sent, with <c>next</c>. Default <c>/</c> for links on pages; forward auth then redirects nobody.</summary>
    public string LoginUrl { get; set; } = "/";

    public bool HasLogin { get; set; }

    /// <summary><c>Login:AllowedRedirects:N</c>: origins that <c>next</c> may name beside paths. Default none.</summary>
    public IReadOnlyList<string> AllowedRedirects { get; set; } = [];

    public void Bind(IConfiguration configuration)
    {
        PublicUrl = NullIfEmpty(configuration["PublicUrl"]);
        CookieDomain = NullIfEmpty(configuration["Cookies:Domain"]);
        HasLogin = NullIfEmpty(configuration["Login:Url"]) is not null;
        LoginUrl = NullIfEmpty(configuration["Login:Url"]) ?? LoginUrl;
        AllowedRedirects = [.. configuration.GetSection("Login:AllowedRedirects").GetChildren().Select(child => child.Value ?? "")];
    }

    public void Check(SettingsCheck check)
    {
        check.Require(PublicUrl is null || IsOrigin(PublicUrl), $"PublicUrl must be an http or https URL without a path, such as https://login.example.com; it is '{PublicUrl}'.");
        RequireAscii(check, "PublicUrl", PublicUrl);
        RequireAscii(check, "Cookies:Domain", CookieDomain);
        if (CookieDomain is { } domain && !IsDomain(domain))
        {
            check.Fail($"Cookies:Domain must be a domain name, such as example.com; it is '{domain}'.");
        }
        else if (CookieDomain is { } parent && PublicUrl is { } publicUrl && IsOrigin(publicUrl) && !Covers(parent, publicUrl))
        {
            check.Fail($"Cookies:Domain '{parent}' must be the host of PublicUrl or a parent domain of it.");
        }

        check.Require(
            RedirectRule.IsPath(LoginUrl) || IsWebUrl(LoginUrl), $"Login:Url must be a path that begins with one slash, or an http or https URL; it is '{LoginUrl}'.");
        RequireAscii(check, "Login:Url", LoginUrl);
        check.Require(AllowedRedirects.Count <= MaxRedirects, $"Login:AllowedRedirects: at most {MaxRedirects} are allowed, there are {AllowedRedirects.Count}.");
        for (var index = 0; index < AllowedRedirects.Count; index++)
        {
            check.Require(IsOrigin(AllowedRedirects[index]), $"Login:AllowedRedirects:{index} must be an origin, such as https://app.example.com; it is '{AllowedRedirects[index]}'.");
            RequireAscii(check, $"Login:AllowedRedirects:{index}", AllowedRedirects[index]);
        }
    }

    private static void RequireAscii(SettingsCheck check, string setting, string? text) => check.Require(
        text is null || text.All(char.IsAscii),
        $"{setting} must be ASCII, since headers hold nothing else: write its host in the xn-- form, and percent-encode a path, such as /f%C3%BCr; it is '{text}'.");

    /// <summary>Whether a text is an http or https URL without a user, a password or control characters.</summary>
    internal static bool IsWebUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url)
        && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
        && url.UserInfo.Length == 0
        && !text.Any(char.IsControl);

    private static bool IsOrigin(string text) =>
        IsWebUrl(text) && new Uri(text) is { AbsolutePath: "/", Query: "", Fragment: "" };

    private static bool IsDomain(string text) =>
        text.Length <= MaxDomainLength && Uri.CheckHostName(text) == UriHostNameType.Dns && text[0] is not '.' && text[^1] is not '.';

    private static bool Covers(string domain, string publicUrl)
    {
        var host = new Uri(publicUrl).IdnHost;
        return host.Equals(domain, StringComparison.OrdinalIgnoreCase)
            || host.EndsWith("." + domain, StringComparison.OrdinalIgnoreCase);
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
