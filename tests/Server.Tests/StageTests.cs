namespace SessionCluster.Server.Tests;

[Collection(nameof(PlainServer))]
public sealed class StageTests(PlainServer server)
{
    private const string Root = "/api/v3/stages/user_login/";

    private readonly ApiClient _api = server.Api;

    [Fact]
    public async Task A_new_stage_has_the_defaults_and_authentiks_members()
    {
        var name = $"plain-{Guid.NewGuid():N}";

        var stage = (await _api.Post(Root, $$"""{"name": "{{name}}"}""")).Is(201);

        var expected = JsonNode.Parse($$"""
            {"pk": "{{stage.StringAt("pk")}}", "name": "{{name}}", "component": "ak-stage-user-login-form", "verbose_name": "User Login Stage",
             "verbose_name_plural": "User Login Stages", "meta_model_name": "authentik_stages_user_login.userloginstage", "flow_set": [],
             "session_duration": "seconds=0", "terminate_other_sessions": false, "remember_me_offset": "seconds=0",
             "network_binding": "no_binding", "geoip_binding": "no_binding", "remember_device": "days=30"}
            """);
        Assert.True(JsonNode.DeepEquals(expected, stage.Json), stage.Text);
        Assert.Equal(stage.Text, (await _api.Get($"{Root}{stage.StringAt("pk")}/")).Is(200).Text);
        Assert.Equal("[]", (await _api.Get($"{Root}{stage.StringAt("pk")}/used_by/")).Is(200).Text);
    }

    [Fact]
    public async Task A_stage_named_default_exists_from_the_start() =>
        Assert.Equal(1, (await _api.Get($"{Root}?name=default")).Is(200).At("pagination.count")!.GetValue<int>());

    [Theory]
    [InlineData("seconds=0")]
    [InlineData("hours=1,minutes=30,seconds=0")]
    [InlineData("hours=1;minutes=30;seconds=0")]
    [InlineData("HOURS=1;Minutes=2")]
    [InlineData("hours=1.5")]
    [InlineData("seconds=1e3")]
    [InlineData("weeks=+2")]
    [InlineData("days=1;days=2")]
    [InlineData(" hours = 1 ; minutes = 2 ")]
    [InlineData("microseconds=1;milliseconds=1;seconds=1;minutes=1;hours=1;days=1;weeks=1")]
    [InlineData("hours=2;minutes=-30")]
    [InlineData("days=999999999")]
    public async Task A_duration_is_kept_verbatim(string text)
    {
        var stage = await _api.NewStage($"\"session_duration\": \"{text}\", \"remember_me_offset\": \"{text}\", \"remember_device\": \"{text}\"");

        Assert.Equal(text, stage.StringAt("session_duration"));
        Assert.Equal(text, stage.StringAt("remember_me_offset"));
        Assert.Equal(text, stage.StringAt("remember_device"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("3600")]
    [InlineData("hours")]
    [InlineData("hours=")]
    [InlineData("hours=1=2")]
    [InlineData("hours=x")]
    [InlineData("hours=nan")]
    [InlineData("hours=inf")]
    [InlineData("hours=1;")]
    [InlineData("hours=1,")]
    [InlineData("hours=-1")]
    [InlineData("days=1000000000")]
    [InlineData("seconds=1e300")]
    [InlineData("years=1", "years")]
    [InlineData("minute=1", "minute")]
    public async Task A_faulty_duration_is_refused_in_each_field_with_the_value_and_the_form(string text, string? key = null)
    {
        foreach (var field in (string[])["session_duration", "remember_me_offset", "remember_device"])
        {
            var answer = (await _api.Post(Root, $$"""{"name": "x-{{Guid.NewGuid():N}}", "{{field}}": "{{text}}"}""")).Is(400);

            var message = answer.At("errors")![field]![0]!.GetValue<string>();
            Assert.Contains($"{text} is not in the correct format of 'hours=3;minutes=1'.", message, StringComparison.Ordinal);
            Assert.Contains(key ?? "", message, StringComparison.Ordinal);
            Assert.Equal(message, answer.Json![field]![0]!.GetValue<string>());
        }
    }

    [Theory]
    [InlineData("\"name\": \"\"", "name")]
    [InlineData("\"name\": null", "name")]
    [InlineData("\"name\": 1", "name")]
    [InlineData("\"session_duration\": \"hours=1\"", "name")]
    [InlineData("\"name\": \"x\", \"session_duration\": 5", "session_duration")]
    [InlineData("\"name\": \"x\", \"session_duration\": null", "session_duration")]
    [InlineData("\"name\": \"x\", \"terminate_other_sessions\": \"true\"", "terminate_other_sessions")]
    [InlineData("\"name\": \"x\", \"network_binding\": \"bind_all\"", "network_binding")]
    [InlineData("\"name\": \"x\", \"network_binding\": null", "network_binding")]
    [InlineData("\"name\": \"x\", \"geoip_binding\": \"BIND_CONTINENT\"", "geoip_binding")]
    [InlineData("\"name\": \"a\\u0000b\"", "name")]
    public async Task A_faulty_field_is_named(string members, string field)
    {
        var answer = (await _api.Post(Root, $"{{{members}}}")).Is(400);

        Assert.True(answer.At("errors")!.AsObject().ContainsKey(field), answer.Text);
        Assert.Equal(0, (await _api.Get($"{Root}?name=x")).At("pagination.count")!.GetValue<int>());
    }

    [Fact]
    public async Task All_faults_are_told_at_once()
    {
        var answer = await _api.Post(Root, """{"session_duration": "x", "network_binding": "x", "terminate_other_sessions": 1}""");

        Assert.Equal(
            ["name", "session_duration", "terminate_other_sessions", "network_binding"],
            answer.Is(400).At("errors")!.AsObject().Select(member => member.Key));
    }

    [Fact]
    public async Task A_name_is_unique_also_when_two_are_created_at_once()
    {
        var name = $"same-{Guid.NewGuid():N}";

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _api.Post(Root, $$"""{"name": "{{name}}"}""")));

        Assert.Single(answers, answer => answer.Status == 201);
        Assert.All(answers.Where(answer => answer.Status != 201), answer => Assert.NotNull(answer.Is(400).At("errors.name")));
        var other = await _api.NewStage("\"session_duration\": \"hours=1\"");
        Assert.NotNull((await _api.Patch($"{Root}{other.StringAt("pk")}/", $$"""{"name": "{{name}}"}""")).Is(400).At("errors.name"));
    }

    [Fact]
    public async Task Put_and_patch_keep_what_is_omitted_and_put_needs_the_name()
    {
        var stage = await _api.NewStage("\"session_duration\": \"hours=1\", \"geoip_binding\": \"bind_continent\"");
        var path = $"{Root}{stage.StringAt("pk")}/";

        (await _api.Patch(path, """{"network_binding": "bind_asn"}""")).Is(200);
        Assert.NotNull((await _api.Put(path, """{"session_duration": "hours=2"}""")).Is(400).At("errors.name"));
        var after = (await _api.Put(path, $$"""{"name": "{{stage.StringAt("name")}}-2", "remember_device": "days=1"}""")).Is(200);

        Assert.Equal("hours=1", after.StringAt("session_duration"));
        Assert.Equal("bind_continent", after.StringAt("geoip_binding"));
        Assert.Equal("bind_asn", after.StringAt("network_binding"));
        Assert.Equal("days=1", after.StringAt("remember_device"));
        Assert.Equal(after.Text, (await _api.Get(path)).Is(200).Text);
    }

    [Fact]
    public async Task Live_sessions_keep_the_settings_of_their_login_when_the_stage_changes_or_goes()
    {
        var stage = await _api.NewStage("\"session_duration\": \"hours=1\", \"network_binding\": \"bind_asn\"");
        var path = $"{Root}{stage.StringAt("pk")}/";
        var login = await _api.Login(Actions.NewUser(), stage.StringAt("name"));

        (await _api.Patch(path, """{"session_duration": "seconds=1", "network_binding": "no_binding", "geoip_binding": "bind_continent"}""")).Is(200);
        var edited = await _api.Validate(login.Token, Places.BerlinToo);
        (await _api.Delete(path)).Is(204);
        (await _api.Delete(path)).Is(404);
        (await _api.TryLogin(Actions.NewUser(), stage.StringAt("name"))).Is(400);

        Assert.Equal(login.Answer.StringAt("session.expires"), edited.StringAt("session.expires"));
        Assert.Equal("no_binding", edited.StringAt("session.geoip_binding"));
        Assert.Null(await _api.WhyNot(login.Token, Places.Berlin));
        Assert.Equal("network.asn", (await _api.Validate(login.Token, Places.Tokyo)).StringAt("binding.reason"));
    }
}
