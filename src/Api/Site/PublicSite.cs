using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace SessionCluster.Api.Site;

/// <summary>The URL that browsers use, and what follows from it. A request never decides it.</summary>
internal sealed class PublicSite
{
    private readonly Lazy<Uri> _url;

    public PublicSite(IOptions<SiteOptions> options, IServer server)
    {
        Options = options.Value;
        // The listening URLs are known once the server has started; the first request comes later.
        _url = new Lazy<Uri>(() => Options.PublicUrl is { } configured ? new Uri(configured) : FirstListening(server));
        Redirects = new RedirectRule(Options.AllowedRedirects);
    }

    /// <summary>The settings.</summary>
    public SiteOptions Options { get; }

    /// <summary>The public URL.</summary>
    public Uri Url => _url.Value;

    /// <summary>Its origin, in the form of the Origin header.</summary>
    public string Origin => field ??= Url.GetLeftPart(UriPartial.Authority);

    /// <summary>Whether cookies are for https only.</summary>
    public bool IsSecure => Url.Scheme == Uri.UriSchemeHttps;

    /// <summary>Where a browser may be sent after a login.</summary>
    public RedirectRule Redirects { get; }

    private static Uri FirstListening(IServer server)
    {
        var address = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "http://localhost";
        // Wildcard hosts are addresses of no browser.
        foreach (var wildcard in (ReadOnlySpan<string>)["//*", "//+", "//0.0.0.0", "//[::]"])
        {
            address = address.Replace(wildcard, "//localhost", StringComparison.Ordinal);
        }

        return Uri.TryCreate(address, UriKind.Absolute, out var url) ? url : new Uri("http://localhost");
    }
}
