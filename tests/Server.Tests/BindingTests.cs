namespace SessionCluster.Server.Tests;

[Collection(nameof(PlainServer))]
public sealed class BindingTests(PlainServer server)
{
    private const string AsnA = """{"asn":64500,"as_org":"Example Net","network":"100.64.0.0/24"}""";
    private const string BerlinGeo = """{"lat":52.5,"long":13.4,"city":"Berlin","country":"DE","continent":"EU"}""";

    private readonly ApiClient _api = server.Api;

    /// <summary>Bindings, the address of the login, the address of the use, and what is then said. The first failure is the only one.</summary>
    public static TheoryData<string, string, string, string, string, string, string> Breaks => new()
    {
        { "bind_asn", "no_binding", Places.Berlin, Places.Nowhere, "network.missing", AsnA, "{}" },
        { "bind_asn", "no_binding", Places.Nowhere, Places.Berlin, "network.missing", "{}", AsnA },
        { "bind_asn", "no_binding", Places.Nowhere, Places.NowhereElse, "network.missing", "{}", "{}" },
        { "bind_asn", "no_binding", Places.Berlin, Places.BerlinOtherAsn, "network.asn", "64500", "64501" },
        { "bind_asn", "no_binding", Places.Berlin, Places.BerlinV6, "network.asn", "64500", "64503" },
        { "bind_asn_network", "no_binding", Places.Berlin, Places.BerlinOtherAsn, "network.asn", "64500", "64501" },
        { "bind_asn_network", "no_binding", Places.Berlin, Places.BerlinOtherNetwork, "network.asn_network", "\"100.64.0.0/24\"", "\"100.64.16.0/24\"" },
        { "bind_asn_network_ip", "no_binding", Places.Berlin, Places.BerlinOtherNetwork, "network.asn_network", "\"100.64.0.0/24\"", "\"100.64.16.0/24\"" },
        { "bind_asn_network_ip", "no_binding", Places.Berlin, Places.BerlinToo, "network.ip", "\"100.64.0.1\"", "\"100.64.0.2\"" },
        { "no_binding", "bind_continent", Places.Berlin, Places.Nowhere, "geoip.missing", BerlinGeo, "{}" },
        { "no_binding", "bind_continent", Places.Nowhere, Places.Berlin, "geoip.missing", "{}", BerlinGeo },
        { "no_binding", "bind_continent", Places.Berlin, Places.Tokyo, "geoip.continent",
            """{"code":"EU","geoname_id":6255148,"names":{"en":"Continent EU"}}""", """{"code":"AS","geoname_id":6255147,"names":{"en":"Continent AS"}}""" },
        { "no_binding", "bind_continent_country", Places.Berlin, Places.Paris, "geoip.country",
            """{"iso_code":"DE","geoname_id":2921044,"names":{"en":"Country DE"}}""", """{"iso_code":"FR","geoname_id":3017382,"names":{"en":"Country FR"}}""" },
        { "no_binding", "bind_continent_country_city", Places.Berlin, Places.Hamburg, "geoip.city",
            """{"geoname_id":2950159,"names":{"en":"Berlin"}}""", """{"geoname_id":2911298,"names":{"en":"Hamburg"}}""" },
        { "no_binding", "bind_continent_country_city", Places.Berlin, Places.GermanyNoCity, "geoip.city", """{"geoname_id":2950159,"names":{"en":"Berlin"}}""", "{}" },
        { "bind_asn", "bind_continent", Places.Berlin, Places.Tokyo, "network.asn", "64500", "64502" },
        { "bind_asn", "bind_continent_country_city", Places.Berlin, Places.Paris, "geoip.country",
            """{"iso_code":"DE","geoname_id":2921044,"names":{"en":"Country DE"}}""", """{"iso_code":"FR","geoname_id":3017382,"names":{"en":"Country FR"}}""" },
    };

    [Theory]
    [MemberData(nameof(Breaks))]
    public async Task A_use_from_outside_the_binding_ends_the_session_with_the_first_reason(
        string network, string geoip, string loginIp, string useIp, string reason, string previous, string current)
    {
        var stage = await _api.Stage($"\"network_binding\": \"{network}\", \"geoip_binding\": \"{geoip}\"");
        var login = await _api.Login(Actions.NewUser(), stage, loginIp);
        Assert.Null(await _api.WhyNot(login.Token, loginIp));

        var answer = await _api.Validate(login.Token, useIp);

        Assert.False(answer.At("active")!.GetValue<bool>());
        Assert.Equal("binding_broken", answer.StringAt("reason"));
        Assert.Equal(reason, answer.StringAt("binding.reason"));
        AssertJson(previous, answer.At("binding.previous_value"));
        AssertJson(current, answer.At("binding.new_value"));

        // It has ended for good, wherever it is used from, and its first reason is kept.
        var again = await _api.Validate(login.Token, loginIp);
        Assert.Equal("binding_broken", again.StringAt("reason"));
        Assert.Equal(reason, again.StringAt("binding.reason"));
        Assert.Empty(await _api.Sessions($"user={login.User}"));
        await _api.LogoutEvent(login);
    }

    [Theory]
    [InlineData("no_binding", "no_binding", Places.Tokyo)]
    [InlineData("no_binding", "no_binding", Places.Nowhere)]
    [InlineData("bind_asn", "no_binding", Places.BerlinOtherNetwork)]
    [InlineData("bind_asn_network", "no_binding", Places.BerlinToo)]
    [InlineData("bind_asn_network", "bind_continent", Places.Paris)]
    [InlineData("no_binding", "bind_continent_country", Places.Hamburg)]
    [InlineData("no_binding", "bind_continent_country_city", Places.BerlinOtherAsn)]
    [InlineData("bind_asn_network_ip", "bind_continent_country_city", Places.Berlin)]
    [InlineData("bind_asn_network_ip", "bind_continent_country_city", "::ffff:" + Places.Berlin)]
    public async Task A_use_inside_the_binding_is_accepted_and_the_address_is_the_new_one(string network, string geoip, string useIp)
    {
        var stage = await _api.Stage($"\"network_binding\": \"{network}\", \"geoip_binding\": \"{geoip}\"");
        var login = await _api.Login(Actions.NewUser(), stage);

        var answer = await _api.Validate(login.Token, useIp);

        Assert.True(answer.At("active")!.GetValue<bool>());
        Assert.Equal(useIp.Replace("::ffff:", "", StringComparison.Ordinal), answer.StringAt("session.last_ip"));
        Assert.Null(await _api.WhyNot(login.Token, useIp));
    }

    /// <summary>Two addresses, what breaks the bindings to a network and to a place from the mildest on ("-" where one holds), and the network and city of the second.</summary>
    [Theory]
    [InlineData(Places.Berlin, Places.BerlinToo, "-,-,network.ip", "-,-,-", "100.64.0.0/24", "Berlin")]
    [InlineData(Places.Berlin, Places.BerlinOtherNetwork, "-,network.asn_network,network.asn_network", "-,-,-", "100.64.16.0/24", "Berlin")]
    [InlineData(Places.Berlin, Places.Hamburg, "-,-,network.ip", "-,-,geoip.city", "100.64.0.0/24", "Hamburg")]
    [InlineData(Places.Berlin, Places.Paris, "-,-,network.ip", "-,geoip.country,geoip.country", "100.64.0.0/24", "Paris")]
    [InlineData(Places.Berlin, Places.Tokyo, "network.asn,network.asn,network.asn", "geoip.continent,geoip.continent,geoip.continent", "100.64.48.0/24", "Tokyo")]
    [InlineData(Places.Berlin, Places.Nowhere, "network.missing,network.missing,network.missing", "geoip.missing,geoip.missing,geoip.missing", null, null)]
    public async Task What_each_binding_would_make_of_a_change_of_address_is_told(string from, string to, string network, string place, string? toNetwork, string? toCity)
    {
        var answer = (await _api.Post("/api/v3/bindings/explain/", $$"""{"from": "{{from}}", "to": "{{to}}"}""")).Is(200);

        AssertJson(AsnA, answer.At("from.asn"));
        AssertJson(BerlinGeo, answer.At("from.geo"));
        Assert.Equal((from, to), (answer.StringAt("from.ip"), answer.StringAt("to.ip")));
        Assert.Equal((toNetwork, toCity), ((string?)answer.At("to.asn")?["network"], (string?)answer.At("to.geo")?["city"]));
        string[] modes = ["bind_asn", "bind_asn_network", "bind_asn_network_ip", "bind_continent", "bind_continent_country", "bind_continent_country_city"];
        var said = answer.At("modes")!.AsArray().Select(mode => ((string?)mode!["mode"], (bool)mode["holds"]!, (string?)mode["reason"] ?? "-"));
        Assert.Equal(modes.Zip($"{network},{place}".Split(','), (mode, reason) => ((string?)mode, reason == "-", reason)), said);
    }

    [Fact]
    public async Task Explaining_a_binding_neither_ends_nor_writes_anything()
    {
        var login = await _api.Login(Actions.NewUser(), await _api.Stage("\"network_binding\": \"bind_asn_network_ip\""));

        (await _api.Post("/api/v3/bindings/explain/", """{"from": "203.0.113.77", "to": "203.0.113.78"}""")).Is(200);

        Assert.Null(await _api.WhyNot(login.Token));
        foreach (var address in new[] { "203.0.113.77", "203.0.113.78" })
        {
            Assert.Equal(0, (await _api.Get($"/api/v3/events/events/?client_ip={address}")).Is(200).At("pagination.count")!.GetValue<int>());
        }
    }

    [Fact]
    public async Task A_change_is_measured_from_the_last_accepted_address()
    {
        var stage = await _api.Stage("\"geoip_binding\": \"bind_continent\"");
        var login = await _api.Login(Actions.NewUser(), stage, Places.Berlin);

        Assert.Null(await _api.WhyNot(login.Token, Places.Paris));
        var answer = await _api.Validate(login.Token, Places.Tokyo);

        Assert.Equal("geoip.continent", answer.StringAt("binding.reason"));
        Assert.Equal(Places.Paris, (await _api.LogoutEvent(login))["context"]!["ip"]!["previous"]!.GetValue<string>());
    }

    [Fact]
    public async Task Without_a_record_the_same_address_is_still_inside_the_strictest_binding()
    {
        var stage = await _api.Stage("\"network_binding\": \"bind_asn_network_ip\", \"geoip_binding\": \"bind_continent_country_city\"");
        var login = await _api.Login(Actions.NewUser(), stage, Places.Nowhere);

        Assert.Null(await _api.WhyNot(login.Token, Places.Nowhere));
        Assert.Null(await _api.WhyNot(login.Token, Places.Nowhere));
    }

    [Fact]
    public async Task A_browser_behind_a_trusted_proxy_gets_401_with_the_reason_and_without_values()
    {
        var stage = await _api.Stage("\"network_binding\": \"bind_asn\"");
        var login = await _api.Login(Actions.NewUser(), stage);

        var inside = await Current(login, Places.BerlinToo);
        inside.Is(200);
        Assert.True(inside.At("session.current")!.GetValue<bool>());
        Assert.False(inside.At("session")!.AsObject().ContainsKey("data"));
        Assert.Equal(Places.BerlinToo, inside.StringAt("session.last_ip"));
        Assert.Equal(login.User, inside.StringAt("user.pk"));

        var outside = await Current(login, Places.Tokyo);
        outside.Is(401);
        Assert.Equal("binding_broken", outside.StringAt("reason"));
        Assert.False(outside.Json!.AsObject().ContainsKey("binding"));
        Assert.DoesNotContain("645", outside.Text, StringComparison.Ordinal);

        var again = await Current(login, Places.Berlin);
        again.Is(401);
        Assert.Equal("binding_broken", again.StringAt("reason"));
        Assert.Equal("network.asn", (await _api.LogoutEvent(login))["context"]!["binding"]!["reason"]!.GetValue<string>());
    }

    [Fact]
    public async Task Only_the_part_of_the_forwarded_list_that_trusted_proxies_wrote_counts()
    {
        var stage = await _api.Stage("\"network_binding\": \"bind_asn_network_ip\"");
        var login = await _api.Login(Actions.NewUser(), stage);

        (await Current(login, $"{Places.Tokyo}, {Places.Berlin}, 127.0.0.9")).Is(200);
        (await Current(login, $"{Places.Berlin}, {Places.Tokyo}")).Is(401);
    }

    [Fact]
    public async Task A_browser_may_send_its_token_in_the_header_and_wrong_ones_are_401()
    {
        var login = await _api.Login(Actions.NewUser());
        var path = "/api/v3/sessions/current/";

        (await _api.Get(path, ("Authorization", $"Session {login.Token}"), ("X-Forwarded-For", Places.Berlin))).Is(200);
        Assert.Equal("malformed", (await _api.Get(path, ("Authorization", $"Session {login.Token}A"))).Is(401).StringAt("reason"));
        Assert.Equal("malformed", (await _api.Get(path, ("Cookie", "__Host-sessioncluster_session=abc"))).Is(401).StringAt("reason"));
        Assert.Null((await _api.Get(path, ("Authorization", ""))).Is(401).At("reason"));
        (await _api.Get(path)).Is(401);
    }

    private static void AssertJson(string expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"{actual?.ToJsonString()} instead of {expected}");

    private Task<Answer> Current(Login login, string forwardedFor) =>
        _api.Get("/api/v3/sessions/current/", ("Cookie", login.Cookie), ("X-Forwarded-For", forwardedFor));
}
