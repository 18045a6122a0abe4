using System.Net;
using SessionCluster.Api.Pages.Words;

namespace SessionCluster.Api.Tests.Http;

/// <summary>What the console says of one user, and how a user is found there.</summary>
public sealed class UserPageTests : IAsyncLifetime
{
    private static readonly (string, string) Html = ("Accept", "text/html");

    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.Start();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(0, "Refuses every login", "No login succeeds", null)]
    [InlineData(1, "Ends the session and refuses", "The session ends, and no login", "End the session of ")]
    [InlineData(2, "Ends all 2 sessions and refuses", "All 2 sessions end, and no login", "End all 2 sessions of ")]
    public async Task What_an_ending_ends_is_said_for_none_one_and_many(int sessions, string deactivates, string asks, string? ends)
    {
        for (var i = 0; i < sessions; i++)
        {
            _host.Grains.Add("42");
        }

        foreach (var key in (string[])[ApiHost.Key, "manage-only-key"])
        {
            var page = await Open("/admin/users/42/", key);
            Assert.Contains(deactivates, page, StringComparison.Ordinal);
            Assert.Contains(asks, page, StringComparison.Ordinal);
            Assert.Contains(ends ?? "<strong>None</strong>The next login puts one here.", page, StringComparison.Ordinal);
            Assert.Equal(ends is not null, page.Contains("id=\"end-all\"", StringComparison.Ordinal));
            Assert.DoesNotContain("0 sessions", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Of_a_deactivated_user_no_login_is_awaited()
    {
        _host.Grains.State = (false, 5);

        var page = await Open("/admin/users/42/", ApiHost.Key);

        Assert.Contains("Logins are refused until the user is activated again.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("The next login", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_nobody_ever_signed_in_with_is_not_shown_as_an_active_user()
    {
        _host.Grains.State = (true, 0);

        var page = await Open("/admin/users/nosuchuser/", ApiHost.Key);

        Assert.Contains("Nobody of this key ever signed in.", page, StringComparison.Ordinal);
        Assert.DoesNotContain(">Active<", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("42", "/admin/users/42/")]
    [InlineData(" a/b?c=\u00e9 ", "/admin/users/a%2Fb%3Fc%3D%C3%A9/")]
    public async Task A_key_that_may_only_manage_opens_a_user_by_their_key(string typed, string url)
    {
        Assert.Contains("<a href=\"/admin/users/\"", await Open("/admin/", "manage-only-key"), StringComparison.Ordinal);
        Assert.Contains("A user's key", await Open("/admin/users/", "manage-only-key"), StringComparison.Ordinal);

        var answer = await Ask($"/admin/users/?pk={Uri.EscapeDataString(typed)}", "manage-only-key");

        Assert.Equal(url, answer.MustBe(303).Headers["Location"]);
        Assert.Contains($"pk <bdi>{WebUtility.HtmlEncode(typed.Trim())}</bdi>", (await Open(url, "manage-only-key")).Replace("&#xE9;", "&#233;", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("It must be text of", (await Ask("/admin/users/?pk=..", "manage-only-key")).MustBe(400).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_page_of_the_console_leads_back_to_it()
    {
        var page = (await Ask("/admin/nothing/", ApiHost.Key)).MustBe(404).Text;

        Assert.Contains("href=\"/admin/\">Console</a>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Your sessions", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10, ">just now<")]
    [InlineData(3600 * 26, ">yesterday, 10:00<")]
    [InlineData(120, ">2 minutes ago<")]
    public void A_moment_within_a_sentence_is_in_small_letters(int seconds, string words) =>
        Assert.Contains(words, TimeWords.PastWithin(FakeGrains.Now.AddSeconds(-seconds), FakeGrains.Now).ToString(), StringComparison.Ordinal);

    private async Task<string> Open(string path, string key) => (await Ask(path, key)).MustBe(200).Text;

    private async Task<Answer> Ask(string path, string key)
    {
        var entered = await _host.Send(
            "POST", "/admin/signin/", $"key={key}", ("Anonymous", ""), ("Sec-Fetch-Site", "same-origin"), ("Content-Type", "application/x-www-form-urlencoded"));
        return await _host.Send("GET", path, null, ("Cookie", entered.MustBe(303).Headers["Set-Cookie"].Split(';')[0]), Html);
    }
}
