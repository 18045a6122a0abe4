using System.Text.Json;
using SessionCluster.Bench.Http;
using SessionCluster.Bench.Rounds;

namespace SessionCluster.Bench.Growth;

/// <summary>How long each page for people takes where there are a million live sessions of as many users, and two million events.</summary>
internal sealed class PagesOnSqlite() : MillionOnSqlite("pages-sqlite", "every page of the console and of a person's account at a million sessions on SQLite: within 50 ms")
{
    private const int OwnSessions = 20;

    private const long Owner = 5_000_000;

    /// <summary>A ledger for each user, a login for each session, and as many endings of others.</summary>
    protected override string More => """
        INSERT INTO ledger (user_pk, version, payload) SELECT m.pk, 1, l.payload FROM made m, (SELECT payload FROM ledger LIMIT 1) l;
        INSERT INTO event (pk, action, user_pk, username, email, name, client_ip, session, created, context)
          SELECT randomblob(16), 'login', m.pk, 'jane.roe.' || m.pk, e.email, e.name, m.ip, m.id, e.created + m.i, e.context FROM made m, (SELECT * FROM event LIMIT 1) e;
        INSERT INTO event (pk, action, user_pk, username, email, name, client_ip, session, created, context)
          SELECT randomblob(16), 'logout', m.pk, 'jane.roe.' || m.pk, e.email, e.name, m.ip, randomblob(16), e.created + m.i, json_set(e.context, '$.logout_reason', 'Session expired')
          FROM made m, (SELECT * FROM event LIMIT 1) e;
        """;

    protected override async Task Ask(ServerProcess measured, Report report)
    {
        var logins = new List<Login>();
        for (var login = 0; login < OwnSessions; login++)
        {
            logins.Add(await Logins.MakeOne(measured.Api, Owner));
        }

        using var console = await OpenConsole(measured);
        using var person = new HttpClient { BaseAddress = measured.Url };
        person.DefaultRequestHeaders.Add("Cookie", $"sessioncluster_session={logins[0].Token}");
        person.DefaultRequestHeaders.Add("User-Agent", Logins.UserAgent);
        var session = await First(measured, "/api/v3/core/authenticated_sessions/?user=0000500000", "uuid");
        var entry = await First(measured, "/api/v3/events/events/?username=jane.roe.0000500000", "pk");
        foreach (var page in (string[])["", "end-others/", $"{logins[1].Session}/not-me/"])
        {
            await Measure(person, $"/account/sessions/{page}", page.Length > 40 ? "/account/sessions/{uuid}/not-me/" : null);
        }

        foreach (var page in (string[])[
            "", "?part=tiles", "?part=charts", "?part=places", "?part=newest", "?part=endings",
            "sessions/", "sessions/?ordering=username", "sessions/?ordering=created", "sessions/?page=2000&page_size=100", "sessions/?search=jane.roe.00005", "sessions/?search=10.1.2.3", "sessions/?search=j",
            "sessions/?country=C7", "sessions/?asn=17&ordering=expires", "sessions/?session__last_ip=10.1.2.3", $"sessions/{session}/",
            "users/", "users/?search=jane.roe.00005", "users/?ordering=pk&search=00005", "users/?after=jane.roe.0000500000", "users/0000500000/?username=jane.roe.0000500000", $"users/{Owner}/?username=jane.roe.{Owner}",
            "events/", "events/?page_size=100", "events/?action=logout", "events/?username=jane.roe.0000500000", "events/?client_ip=10.1.2.3", "events/?search=expired", "events/?search=nothing",
            "events/?action=logout&search=Session+binding+broken", $"events/?part=newer&seen={entry}", $"events/{entry}/", "events/?page=5000",
            "stages/", "stages/new/", "bindings/?from=1.2.3.4&to=5.6.7.8", "cluster/"])
        {
            await Measure(console, $"/admin/{page}", page == $"sessions/{session}/" ? "/admin/sessions/{uuid}/" : page == $"events/{entry}/" ? "/admin/events/{uuid}/" : page.Replace(entry, "{uuid}", StringComparison.Ordinal));
        }

        async Task Measure(HttpClient http, string path, string? said) =>
            report.Limit(Name, $"{(said is null || said.StartsWith('/') ? said ?? path : "/admin/" + said)}, ms", await Median(http, path, "<"), MostMs);
    }

    private static async Task<HttpClient> OpenConsole(ServerProcess measured)
    {
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = measured.Url };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/admin/signin/") { Content = new FormUrlEncodedContent([KeyValuePair.Create("key", measured.Key)]) };
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        using var answer = await http.SendAsync(request);
        http.DefaultRequestHeaders.Add("Cookie", answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
        return http;
    }

    /// <summary>A member of the first of a list.</summary>
    private static async Task<string> First(ServerProcess measured, string path, string member)
    {
        using var list = JsonDocument.Parse(await measured.Api.GetStringAsync(path));
        return list.RootElement.GetProperty("results")[0].GetProperty(member).GetString()!;
    }
}
