using Microsoft.Extensions.Time.Testing;
using SessionCluster.Api.Flows;
using SessionCluster.Events;
using SessionCluster.Users;

namespace SessionCluster.Api.Tests.Http;

/// <summary>A person's own pages, where what they ask for fails in the middle.</summary>
public sealed class AccountPagesTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.Start();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(-1, 200)]
    [InlineData(0, 404)]
    public async Task The_link_of_a_mail_serves_for_a_day_after_the_login(int microseconds, int status)
    {
        var time = new FakeTimeProvider(FakeGrains.Now.AddDays(1).AddMicroseconds(microseconds));
        await using var host = await ApiHost.StartUnder(time);
        var session = host.Grains.Add("42");
        var login = new EventInfo(Guid.NewGuid(), EventActions.Login, session.User, "1.2.3.4", session.Id, FakeGrains.Now, "{}");
        host.Grains.Events.All.Add(login);

        (await host.Send("GET", $"/account/not-me/?code={host.NotMe.Code(login.Pk)}", null, ("Anonymous", ""), ("Accept", "text/html"))).MustBe(status);
    }

    [Theory]
    [InlineData("jane", "Jane", "j@x", "<bdi>Jane</bdi> <small><bdi>j@x</bdi></small>", "jane")]
    [InlineData("", "Jane", "j@x", "<bdi>Jane</bdi> <small><bdi>j@x</bdi></small>", "Jane")]
    [InlineData("", "", "j@x", "<bdi>j@x</bdi> <small><bdi></bdi></small>", "j@x")]
    [InlineData("", "", "", "<bdi>42</bdi> <small><bdi></bdi></small>", "42")]
    public async Task A_page_names_the_person_by_what_is_known_of_them(string username, string name, string email, string who, string account)
    {
        var own = _host.Grains.Add("42");
        own = _host.Grains.Sessions[own.Id] = own with { User = new UserFacts(own.User.Id, username, email, name) };
        var other = _host.Grains.Add("42");
        _host.Grains.Sessions[other.Id] = other with { User = own.User };

        Assert.Contains(who, await Page("end-others"), StringComparison.Ordinal);
        Assert.Contains($"<dt>Account</dt><dd><bdi>{account}</bdi></dd>", await Page($"{other.Id}/not-me"), StringComparison.Ordinal);
        Assert.Equal(account, PersonModel.Of(own.User).Name);

        async Task<string> Page(string path) =>
            (await _host.Send("GET", $"/account/sessions/{path}/", null, ("Cookie", _host.CookieOf(own)), ("Accept", "text/html"))).MustBe(200).Text;
    }

    [Fact]
    public async Task The_cookie_goes_with_the_receipt_and_stays_where_nothing_is_known_to_have_ended()
    {
        var (own, other) = (_host.Grains.Add("42"), _host.Grains.Add("42"));
        _host.Grains.TellGate = Task.FromException(new TimeoutException("Nobody answers."));

        var failed = await NotMe();

        Assert.False(failed.MustBe(503).Headers.ContainsKey("Set-Cookie"));
        _host.Grains.TellGate = null;
        (own, other) = (_host.Grains.Add("42"), _host.Grains.Add("42"));
        Assert.StartsWith("sessioncluster_session=;", (await NotMe()).MustBe(200).Headers["Set-Cookie"], StringComparison.Ordinal);

        Task<Answer> NotMe() => _host.Send(
            "POST", $"/account/sessions/{other.Id}/not-me/", "", ("Cookie", _host.CookieOf(own)), ("Sec-Fetch-Site", "same-origin"), ("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "text/html"));
    }
}
