namespace SessionCluster.Api.Tests.Http;

/// <summary>A person's own pages, where what they ask for fails in the middle.</summary>
public sealed class AccountPagesTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.Start();

    public async Task DisposeAsync() => await _host.DisposeAsync();

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
