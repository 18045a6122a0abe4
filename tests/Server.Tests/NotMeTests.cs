using System.Net;

namespace SessionCluster.Server.Tests;

/// <summary>"This was not me" on the page of a signed-in person.</summary>
[Collection(nameof(PlainServer))]
public sealed class NotMeTests(PlainServer server)
{
    [Fact]
    public async Task All_sessions_end_the_device_is_forgotten_and_the_receipt_is_shown()
    {
        var user = Actions.NewUser();
        var own = await server.Api.Login(user);
        var foreign = await server.Api.Login(user, ip: Places.Tokyo);
        var path = $"/account/sessions/{foreign.Uuid}/not-me/";
        Assert.Equal(2, (await Devices(user)).Count);

        var (asked, question) = await Send(HttpMethod.Get, path, own);
        Assert.Equal(HttpStatusCode.OK, asked.StatusCode);
        Assert.Contains("Firefox on Linux", question, StringComparison.Ordinal);
        Assert.Null(await server.Api.WhyNot(foreign.Token, Places.Tokyo));

        var (done, page) = await Send(HttpMethod.Post, path, own);

        Assert.Equal(HttpStatusCode.OK, done.StatusCode);
        Assert.Contains("All sessions have ended", page, StringComparison.Ordinal);
        Assert.Contains("The browser of that sign-in is forgotten", page, StringComparison.Ordinal);
        Assert.All([own, foreign], login => Assert.Contains(login.Uuid, page, StringComparison.Ordinal));
        Assert.Contains("Max-Age=0", done.Headers.GetValues("Set-Cookie").Single(), StringComparison.Ordinal);
        Assert.Equal("revoked", await server.Api.WhyNot(own.Token));
        Assert.Equal("revoked", await server.Api.WhyNot(foreign.Token, Places.Tokyo));
        Assert.Equal(Places.Berlin, (string?)Assert.Single(await Devices(user))!["last_ip"]);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Send(HttpMethod.Post, path, own)).Answer.StatusCode);
    }

    [Fact]
    public async Task It_is_refused_for_the_session_in_use_and_for_another_users()
    {
        var (own, other) = (await server.Api.Login(Actions.NewUser()), await server.Api.Login(Actions.NewUser()));

        foreach (var session in (string[])[own.Uuid, other.Uuid, Guid.NewGuid().ToString()])
        {
            Assert.Equal(HttpStatusCode.Conflict, (await Send(HttpMethod.Post, $"/account/sessions/{session}/not-me/", own)).Answer.StatusCode);
        }

        Assert.Null(await server.Api.WhyNot(own.Token));
        Assert.Null(await server.Api.WhyNot(other.Token));
    }

    private async Task<JsonArray> Devices(string user) => (await server.Api.Get($"/api/v3/users/{user}/devices/")).Is(200).Json!["results"]!.AsArray();

    private async Task<(HttpResponseMessage Answer, string Page)> Send(HttpMethod method, string path, Login login)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        using var request = new HttpRequestMessage(method, new Uri(server.Server.Url, path));
        request.Headers.Add("Cookie", login.Cookie);
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        request.Headers.Add("X-Forwarded-For", Places.Berlin);
        request.Content = method == HttpMethod.Post ? new FormUrlEncodedContent([]) : null;
        var answer = await http.SendAsync(request);
        return (answer, await answer.Content.ReadAsStringAsync());
    }
}
