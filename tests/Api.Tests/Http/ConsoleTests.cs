using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Routing;
using SessionCluster.Events;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Api.Tests.Http;

/// <summary>What the console shows to which key.</summary>
public sealed class ConsoleTests : IAsyncLifetime
{
    private const string Secret = "secret";

    private const string Address = "192.0.2.77";

    private static readonly (string, string) Html = ("Accept", "text/html");

    private static readonly (string, string) SameOrigin = ("Sec-Fetch-Site", "same-origin");

    private static readonly (string, string) Form = ("Content-Type", "application/x-www-form-urlencoded");

    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.Start(
        ("Api:Keys:2:Name", "gateway"), ("Api:Keys:2:Sha256", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("validate-only-key")))), ("Api:Keys:2:Roles:0", "validate"));

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("manage-only-key", true)]
    [InlineData("validate-only-key", false)]
    [InlineData("login-only-key", false)]
    public async Task A_key_without_the_role_read_sees_nobodys_address_name_or_browser(string key, bool isLetIn)
    {
        var answer = await _host.Send("POST", "/admin/signin/", $"key={key}", ("Anonymous", ""), SameOrigin, Form, Html);
        Assert.Equal(isLetIn, answer.Headers.TryGetValue("Set-Cookie", out var cookie));
        (string, string)[] headers = [("Cookie", cookie?.Split(';')[0] ?? "a=b"), ("Authorization", "Bearer " + key), SameOrigin, Html];
        var shown = new List<string>();

        foreach (var (method, route) in Routes())
        {
            foreach (var query in (string[])["", "?username=" + Secret, "?part=tiles", "?part=newest", "?part=newer&seen="])
            {
                var path = route + query;
                var session = Add();
                path = path.Replace("{uuid}", (path.Contains("/events/", StringComparison.Ordinal) ? _host.Grains.Events.All[0].Pk : session.Id.Value).ToString(), StringComparison.Ordinal)
                    .Replace("{pk}", path.Contains("/stages/", StringComparison.Ordinal) ? $"{_host.Grains.Catalog.Put($"{session.Id}", TimeSpan.Zero).Pk}" : "42", StringComparison.Ordinal);
                var page = await (method == "POST" ? _host.Send(method, path, "reason=x", [.. headers, Form]) : _host.Send(method, path, null, headers));

                Assert.False(page.Text.Contains(Secret, StringComparison.Ordinal) || page.Text.Contains(Address, StringComparison.Ordinal), $"{method} {path} shows: {page.Text}");
                if (page.Status == 200)
                {
                    shown.Add(path);
                }
            }
        }

        Assert.Equal(isLetIn, shown.Exists(path => path.EndsWith("/end/", StringComparison.Ordinal)));
        Assert.Equal(isLetIn, shown.Contains("/admin/users/42/"));
    }

    [Fact]
    public async Task Who_ends_a_session_without_the_role_read_gets_the_receipt()
    {
        var session = Add();
        var cookie = (await _host.Send("POST", "/admin/signin/", "key=manage-only-key", ("Anonymous", ""), SameOrigin, Form)).MustBe(303).Headers["Set-Cookie"].Split(';')[0];

        var page = await _host.Send("POST", $"/admin/sessions/{session.Id}/end/", "", ("Cookie", cookie), SameOrigin, Form, Html);

        Assert.Contains("Refused everywhere", page.MustBe(200).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Events of this session", page.Text, StringComparison.Ordinal);
        Assert.EndsWith("</html>", page.Text.TrimEnd(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("?username=secret&action=login", true)]
    [InlineData("?search=x", false)]
    public async Task The_list_of_events_asks_for_newer_ones_without_counting_and_not_at_all_where_it_searches(string filters, bool asks)
    {
        Add();
        var cookie = ("Cookie", await _host.SignInToConsole());
        var page = (await _host.Send("GET", "/admin/events/" + filters, null, cookie, Html)).MustBe(200);
        var asked = System.Text.RegularExpressions.Regex.Match(page.Text, "hx-get=\"([^\"]*part=newer[^\"]*)\"");
        Assert.Equal(asks, asked.Success);
        var url = asks ? System.Net.WebUtility.HtmlDecode(asked.Groups[1].Value) : "/admin/events/?search=x&part=newer&seen=";
        for (var i = 0; i < 30; i++)
        {
            Add();
        }

        // The newest first.
        _host.Grains.Events.All.Reverse();
        var before = _host.Grains.Events.Query;
        var newer = await _host.Send("GET", url, null, cookie, Html);

        if (asks)
        {
            Assert.Contains("More came between these and those below", newer.MustBe(200).Text, StringComparison.Ordinal);
            Assert.Equal((FakeGrains.Now.AddMicroseconds(-1), 0, 20), (_host.Grains.Events.Query!.Since, _host.Grains.Events.Query.MostCounted, _host.Grains.Events.Query.Limit));
        }
        else
        {
            newer.MustBe(204);
            Assert.Same(before, _host.Grains.Events.Query);
        }
    }

    [Fact]
    public async Task What_the_overview_asks_for_anew_counts_no_events_and_the_sessions_once_in_a_while()
    {
        Add();
        var cookie = ("Cookie", await _host.SignInToConsole());

        for (var i = 0; i < 5; i++)
        {
            (await _host.Send("GET", "/admin/?part=tiles", null, cookie, Html)).MustBe(200);
            (await _host.Send("GET", "/admin/?part=newest", null, cookie, Html)).MustBe(200);
        }

        Assert.Equal((0, 8), (_host.Grains.Events.Query!.MostCounted, _host.Grains.Events.Query.Limit));
        Assert.InRange(_host.Grains.Calls.OfType<SessionQuery>().Count(), 1, 2);
    }

    private IEnumerable<(string Method, string Route)> Routes() =>
        from endpoint in _host.Endpoints.OfType<RouteEndpoint>()
        let route = endpoint.RoutePattern.RawText!
        where route.StartsWith("/admin/", StringComparison.Ordinal) && !route.StartsWith("/admin/sign", StringComparison.Ordinal)
        from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods
        where method is "GET" or "POST"
        select (method, route);

    /// <summary>A session, and the event of its login, of which nothing may be seen.</summary>
    private SessionInfo Add()
    {
        var user = new UserFacts(new UserId("42"), Secret, Secret, Secret);
        var session = _host.Grains.Add("42") with { User = user, LastIp = Address, LastUserAgent = Secret, Asn = new(64500, Secret, Secret), Geo = new(1, 2, Secret, Secret, Secret) };
        _host.Grains.Sessions[session.Id] = session;
        _host.Grains.Events.All.Add(new EventInfo(Guid.NewGuid(), EventActions.Login, user, Address, session.Id, FakeGrains.Now, $$"""{"http_request":{"user_agent":"{{Secret}}"} }"""));
        return session;
    }
}
