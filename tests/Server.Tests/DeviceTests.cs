namespace SessionCluster.Server.Tests;

/// <summary>A device is known by another live session from the same address, or by a cookie of this user.</summary>
[Collection(nameof(PlainServer))]
public sealed class DeviceTests(PlainServer server)
{
    private readonly ApiClient _api = server.Api;

    /// <summary>Whether the session of before still lives, whether its address is the same, whether the cookie is sent, and the verdict.</summary>
    [Theory]
    [InlineData(true, true, true, true)]
    [InlineData(true, true, false, true)]
    [InlineData(true, false, true, true)]
    [InlineData(true, false, false, false)]
    [InlineData(false, true, true, true)]
    [InlineData(false, true, false, false)]
    [InlineData(false, false, true, true)]
    [InlineData(false, false, false, false)]
    public async Task A_second_login_is_known_by_address_or_by_cookie(bool live, bool sameAddress, bool cookie, bool known)
    {
        var user = Actions.NewUser();
        var first = await _api.Login(user);
        Assert.False(first.KnownDevice);
        if (!live)
        {
            (await _api.Delete($"/api/v3/core/authenticated_sessions/{first.Uuid}/")).Is(204);
        }

        var second = await _api.Login(user, ip: sameAddress ? Places.Berlin : Places.Tokyo, client: cookie ? Cookie(first) : "");

        Assert.Equal(known, second.KnownDevice);
        Assert.Equal(known, second.Answer.At("session.known_device")!.GetValue<bool>());
        var entry = (await _api.Events(user, "login"))[1]!;
        Assert.Equal(known, entry["context"]!["auth_method_args"]!["known_device"]!.GetValue<bool>());
    }

    [Fact]
    public async Task The_address_of_a_session_is_the_one_it_was_last_used_from()
    {
        var user = Actions.NewUser();
        var first = await _api.Login(user);
        Assert.Null(await _api.WhyNot(first.Token, Places.Tokyo));

        Assert.False((await _api.Login(user, ip: Places.Berlin)).KnownDevice);
        Assert.True((await _api.Login(user, ip: Places.Tokyo)).KnownDevice);
    }

    [Fact]
    public async Task It_is_known_also_when_the_login_ends_the_session_that_says_so()
    {
        var user = Actions.NewUser();
        var stage = await _api.Stage("\"terminate_other_sessions\": true");
        await _api.Login(user);

        Assert.True((await _api.Login(user, stage)).KnownDevice);
    }

    [Fact]
    public async Task Two_users_share_a_browser_and_each_is_known_on_their_own()
    {
        var (one, two) = (Actions.NewUser(), Actions.NewUser());

        var first = await _api.Login(one, ip: Places.Berlin);
        var second = await _api.Login(two, ip: Places.Tokyo, client: Cookie(first));
        Assert.False(second.KnownDevice);

        Assert.True((await _api.Login(one, ip: Places.Paris, client: Cookie(second))).KnownDevice);
        Assert.True((await _api.Login(two, ip: Places.Hamburg, client: Cookie(second))).KnownDevice);
    }

    [Fact]
    public async Task A_cookie_of_another_user_or_a_forged_one_is_merely_unknown()
    {
        var owner = Actions.NewUser();
        var cookie = (await _api.Login(owner, ip: Places.Berlin)).DeviceCookie!;
        string[] cookies =
            [cookie, cookie[..^1], cookie + "A", cookie[..^1] + (cookie[^1] == 'A' ? 'B' : 'A'), (cookie[0] == 'A' ? 'B' : 'A') + cookie[1..], "", "x", new string('A', 52)];

        foreach (var text in cookies)
        {
            Assert.False((await _api.Login(Actions.NewUser(), client: $", \"device_cookie\": \"{text}\"")).KnownDevice);
        }

        // Nor is one that was altered known to its own user, whom the true one makes known.
        string[] places = [Places.Tokyo, Places.Paris, Places.Hamburg];
        foreach (var (text, place) in cookies[1..4].Append(cookie).Zip(places.Append("198.51.100.77")))
        {
            Assert.Equal(text == cookie, (await _api.Login(owner, ip: place, client: $", \"device_cookie\": \"{text}\"")).KnownDevice);
        }
    }

    [Fact]
    public async Task A_cookie_that_is_over_is_unknown()
    {
        var user = Actions.NewUser();
        var stage = await _api.Stage("\"remember_device\": \"seconds=1\"");
        var first = await _api.Login(user, stage);
        Assert.NotNull(first.DeviceCookie);

        await Poll.Until(async () => (await _api.Get($"/api/v3/users/{user}/devices/")).At("pagination.count")!.GetValue<int>() == 0);

        Assert.False((await _api.Login(user, ip: Places.Tokyo, client: Cookie(first))).KnownDevice);
    }

    [Theory]
    [InlineData("seconds=0", false)]
    [InlineData("milliseconds=999", false)]
    [InlineData("seconds=1", true)]
    public async Task Under_a_second_no_device_is_remembered(string length, bool remembered)
    {
        var stage = await _api.Stage($"\"remember_device\": \"{length}\"");

        Assert.Equal(remembered, (await _api.Login(Actions.NewUser(), stage)).DeviceCookie is not null);
    }

    [Fact]
    public async Task Devices_are_listed_and_a_forgotten_one_is_unknown()
    {
        var user = Actions.NewUser();
        var first = await _api.Login(user);
        var own = new[] { ("Authorization", $"Session {first.Token}"), ("X-Forwarded-For", Places.Berlin) };

        var device = Assert.Single((await _api.Get($"/api/v3/users/{user}/devices/", own)).Is(200).At("results")!.AsArray())!;
        Assert.Equal(["uuid", "created", "last_login", "expires", "last_ip", "last_user_agent"], device.AsObject().Select(member => member.Key));
        Assert.Equal(Places.Berlin, device["last_ip"]!.GetValue<string>());

        (await _api.Delete($"/api/v3/users/{user}/devices/{device["uuid"]}/", own)).Is(204);
        (await _api.Delete($"/api/v3/users/{user}/devices/{device["uuid"]}/")).Is(404);

        Assert.Empty((await _api.Get($"/api/v3/users/{user}/devices/")).Is(200).At("results")!.AsArray());
        Assert.False((await _api.Login(user, ip: Places.Tokyo, client: Cookie(first))).KnownDevice);
    }

    private static string Cookie(Login login) => $", \"device_cookie\": \"{login.DeviceCookie}\"";
}
