using System.Net;
using System.Text.RegularExpressions;

namespace SessionCluster.Server.Tests.Proxies;

/// <summary>A page that the real proxies publish has all that it needs: what it loads, where its links and forms lead, what it listens to.</summary>
[Collection(nameof(ProxySetup))]
public sealed partial class PublishedPageTests(ProxySetup setup)
{
    private const string Local = "127.0.0.1";

    private const string Account = "/account/sessions/";

    private const string Streams = "data-session-events";

    /// <summary>The application's: the site's start, and its login.</summary>
    private static readonly string[] OfApplication = ["/", "/login"];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [WithNginx]
    [WithCaddy]
    public async Task A_persons_pages_load_all_that_they_need_and_lead_to_where_the_server_answers(string proxy)
    {
        var user = Actions.NewUser();
        var (login, _) = (await setup.Server.Api.Login(user, ip: Local), await setup.Server.Api.Login(user, ip: Local));

        var needed = await FollowAll(proxy, login.Cookie, Account, "/account/sessions/end-others/", "/account/notifications/");

        Assert.Contains(needed, url => url.EndsWith(".css", StringComparison.Ordinal));
        Assert.Contains(needed, url => url.EndsWith("live.js", StringComparison.Ordinal));
        Assert.Contains(needed, url => url.EndsWith("/end/", StringComparison.Ordinal));
    }

    [Theory]
    [WithNginx]
    [WithCaddy]
    public async Task The_page_of_a_login_loads_all_that_it_needs_and_its_form_reaches_the_server(string proxy)
    {
        var stage = await setup.Server.Api.Stage("\"remember_me_offset\": \"days=30\"");
        var plan = (await setup.Server.Api.Post("/api/v3/flows/plans/", Actions.LoginBody(Actions.NewUser(), stage, Local, more: ", \"flow_slug\": \"published\""))).Is(201);
        var opened = await RawRequest.Get(setup.Url(proxy), plan.StringAt("page"), RawRequest.Navigation);

        var needed = await FollowAll(proxy, opened.Headers["Set-Cookie"].Split(';')[0], opened.Location!);

        Assert.Contains(needed, url => url.EndsWith(".css", StringComparison.Ordinal));
        Assert.Contains(opened.Location!, needed);
    }

    [Theory]
    [WithNginx]
    [WithCaddy]
    public async Task An_open_page_hears_at_once_that_its_session_has_ended(string proxy)
    {
        var login = await setup.Server.Api.Login(Actions.NewUser(), ip: Local);
        var page = await RawRequest.Get(setup.Url(proxy), Account, ("Cookie", login.Cookie));
        using var patience = new CancellationTokenSource(Patience);
        using var browser = Browser();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(setup.Url(proxy), Regex.Match(page.Body, $"{Streams}=\"([^\"]+)\"").Groups[1].Value));
        request.Headers.Add("Cookie", login.Cookie);

        using var answer = await browser.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        Assert.Equal((HttpStatusCode.OK, "text/event-stream"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(patience.Token));
        Assert.Equal(": waiting", await lines.ReadLineAsync(patience.Token));
        (await setup.Server.Api.Delete($"/api/v3/core/authenticated_sessions/{login.Uuid}/")).Is(204);

        Assert.Contains("event: ended\ndata: {\"reason\":\"revoked\"}", await lines.ReadToEndAsync(patience.Token), StringComparison.Ordinal);
    }

    /// <summary>
    /// Opens pages and asks for all that they name: links and what is loaded with GET, forms with a POST from another site, which only this
    /// server refuses as such. What was named.
    /// </summary>
    private async Task<IReadOnlySet<string>> FollowAll(string proxy, string cookie, params IEnumerable<string> pages)
    {
        var needed = new HashSet<string>();
        foreach (var url in pages)
        {
            var page = await RawRequest.Get(setup.Url(proxy), url, [("Cookie", cookie), .. RawRequest.Navigation]);
            Assert.True(page.Status == 200 && !page.IsOfApplication, $"{url} was answered {page.Status}.");
            foreach (Match match in Named().Matches(page.Body))
            {
                var (attribute, named) = (match.Groups[1].Value, WebUtility.HtmlDecode(match.Groups[2].Value).Split('#')[0]);
                if (attribute != Streams && !OfApplication.Contains(named) && needed.Add(named))
                {
                    await Follow(proxy, cookie, attribute, named);
                }
            }
        }

        return needed;
    }

    private async Task Follow(string proxy, string cookie, string attribute, string url)
    {
        var isForm = attribute == "action";
        var answer = isForm
            ? await RawRequest.Send(setup.Url(proxy), "POST", url, "", null, ("Cookie", cookie), ("Sec-Fetch-Site", "cross-site"))
            : await RawRequest.Get(setup.Url(proxy), url, ("Cookie", cookie));
        Assert.True(answer.Status == (isForm ? 403 : 200) && !answer.IsOfApplication, $"{url} was answered {answer.Status}: {answer.Body}");
    }

    private static HttpClient Browser() => new(new SocketsHttpHandler
    {
        SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => ProxyProgram.IsOurs(certificate) },
    });

    [GeneratedRegex("(?<= )(href|src|action|hx-get|data-[a-z-]+)=\"(/[^\"]*)\"")]
    private static partial Regex Named();
}
