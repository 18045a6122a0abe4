using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace SessionCluster.Api.Site;

/// <summary>Says at the start what the settings leave open that browsers will notice.</summary>
internal sealed partial class SiteNotes(PublicSite site, IServer server, IOptions<MetricOptions> metrics, ILogger<SiteNotes> logger) : LifecycleStep
{
    /// <summary>The addresses are known now.</summary>
    public override Task StartedAsync(CancellationToken cancellationToken)
    {
        var addresses = (server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []).Where(address => !metrics.Value.Ports.Contains(BindingAddress.Parse(address).Port));
        if (site.Options.PublicUrl is null && addresses.FirstOrDefault(IsForOthers) is { } address)
        {
            NoPublicUrl(address, site.Url.GetLeftPart(UriPartial.Authority), site.IsSecure ? "" : "cookies are not Secure, and ");
        }

        if (!site.Options.HasLogin)
        {
            NoLoginUrl();
        }
        else if (site.Options.LoginUrl == "/")
        {
            LoginIsRoot();
        }

        return Task.CompletedTask;
    }

    /// <summary>Whether browsers elsewhere reach an address, or by https.</summary>
    private static bool IsForOthers(string address)
    {
        // Hosts as * and + are those of no URL.
        var isUrl = Uri.TryCreate(address, UriKind.Absolute, out var url);
        return !isUrl || url!.Scheme == Uri.UriSchemeHttps
            || !(url.IsLoopback || (IPAddress.TryParse(url.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip)));
    }

    [LoggerMessage(
        3131, LogLevel.Warning,
        "PublicUrl is not set, and the server listens on {Address}: {Insecure}requests by cookie must come from {Origin}. Set PublicUrl to the URL that browsers use, such as https://login.example.com.")]
    private partial void NoPublicUrl(string address, string origin, string insecure);

    [LoggerMessage(3132, LogLevel.Information, "Login:Url is not set: forward auth answers 401 and sends nobody to a login.")]
    private partial void NoLoginUrl();

    [LoggerMessage(
        3133, LogLevel.Warning,
        "Login:Url is '/', the root of the application's own host: if the proxy asks forward auth about that path, too, nobody without a session sees a login. Set it to the login page.")]
    private partial void LoginIsRoot();
}
