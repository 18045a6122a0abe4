namespace SessionCluster.Server.Tests.Alerts;

/// <summary>Transports, rules, matchers and bindings as they are configured; without a mail server, and without private targets.</summary>
[Collection(nameof(PlainServer))]
public sealed class AlertConfigurationTests(PlainServer shared)
{
    private const string Hook = "\"name\": \"x\", \"mode\": \"webhook\", \"webhook_url\": \"https://hooks.example.test/\"";

    private readonly ApiClient _api = shared.Api;

    [Theory]
    [InlineData(AlertActions.Transports, "\"mode\": \"local\"", "name", "This field is required.")]
    [InlineData(AlertActions.Transports, "\"name\": \"x\", \"mode\": \"pigeon\"", "mode", "\"pigeon\" is none; use one of local, webhook, webhook_slack, email.")]
    [InlineData(AlertActions.Transports, "\"name\": \"x\", \"mode\": \"email\"", "mode", "No mail server is configured: set Mail:Host.")]
    [InlineData(AlertActions.Transports, "\"name\": \"x\", \"mode\": \"webhook\"", "webhook_url", "This field is required.")]
    [InlineData(AlertActions.Transports, "\"name\": \"x\", \"mode\": \"webhook\", \"webhook_url\": \"ftp://a.test/\"", "webhook_url", "Must be an http or https URL")]
    [InlineData(AlertActions.Transports, "\"name\": \"x\", \"mode\": \"webhook\", \"webhook_url\": \"file:///etc/passwd\"", "webhook_url", "Must be an http or https URL")]
    [InlineData(AlertActions.Transports, "\"name\": \"x\", \"mode\": \"webhook\", \"webhook_url\": \"https://u:p@a.test/\"", "webhook_url", "Must be an http or https URL")]
    [InlineData(AlertActions.Transports, Hook + ", \"webhook_mapping_body\": \"5e551014-0de0-4a57-8001-de7a0175ea6e\"", "webhook_mapping_body", "Mappings are Python")]
    [InlineData(AlertActions.Transports, Hook + ", \"webhook_mapping_headers\": \"x\"", "webhook_mapping_headers", "Mappings are Python")]
    [InlineData(AlertActions.Transports, Hook + ", \"secret\": \"whsec_short\"", "secret", "Must be whsec_")]
    [InlineData(AlertActions.Transports, Hook + ", \"webhook_ca\": \"no PEM\"", "webhook_ca", "Must be certificates in PEM")]
    [InlineData(AlertActions.Transports, Hook + ", \"email_subject_prefix\": \"a\\r\\nBcc: b\"", "email_subject_prefix", "Must be one line.")]
    [InlineData(AlertActions.Transports, Hook + ", \"email_template\": \"mine.html\"", "email_template", "There is one template")]
    [InlineData(AlertActions.Transports, Hook + ", \"sent_once\": true", "sent_once", "There is no such field; did you mean send_once?")]
    [InlineData(AlertActions.Rules, "\"name\": \"x\"", "transports", "A rule needs a transport")]
    [InlineData(AlertActions.Rules, "\"name\": \"x\", \"transports\": []", "transports", "A rule needs a transport")]
    [InlineData(AlertActions.Rules, "\"name\": \"x\", \"transports\": [\"5e551014-0de0-4a57-8001-de7a0175ea6e\"]", "transports", "There is no such transport.")]
    [InlineData(AlertActions.Rules, "\"name\": \"x\", \"transports\": [\"a\"]", "transports", "\"a\" is not a UUID.")]
    [InlineData(AlertActions.Rules, "\"name\": \"x\", \"transports\": [\"a1e47000-0de0-4a57-8001-000000000002\"]", "destination_event_user", "These transports notify persons")]
    [InlineData(AlertActions.Rules, "\"name\": \"x\", \"transports\": [\"a1e47000-0de0-4a57-8001-000000000001\"], \"destination_event_user\": true", "transports", "No mail server is configured")]
    [InlineData(AlertActions.Rules, "\"name\": \"x\", \"transports\": [\"a1e47000-0de0-4a57-8001-000000000002\"], \"destination_group\": \"g\"", "destination_group", "There are no groups here")]
    [InlineData(AlertActions.Rules, "\"name\": \"x\", \"transports\": [\"a1e47000-0de0-4a57-8001-000000000001\"], \"destination_emails\": [\"a b\"]", "destination_emails", "Must be e-mail addresses.")]
    [InlineData(AlertActions.Matchers, "\"name\": \"x\", \"query\": \"action = \"", "query", "At character 10: expected a text in quotes, a number, True, False or None, found the end.")]
    [InlineData(AlertActions.Matchers, "\"name\": \"x\", \"query\": \"actoin = 'login'\"", "query", "At character 1: there is no field actoin, did you mean action.")]
    [InlineData(AlertActions.Matchers, "\"name\": \"x\", \"action\": \"login_failed\"", "action", "No event here has \"login_failed\"")]
    [InlineData(AlertActions.Matchers, "\"name\": \"x\", \"client_ip\": \"10.0.0.300/8\"", "client_ip", "Must be an address, or a network")]
    [InlineData(AlertActions.Matchers, "\"name\": \"x\", \"app\": \"authentik.nothing\"", "app", "No event here has")]
    [InlineData(AlertActions.Matchers, "\"name\": \"x\", \"query\": 5", "query", "Must be a string.")]
    [InlineData(AlertActions.Bindings, "\"target\": \"a1e47000-0de0-4a57-8001-000000000003\", \"order\": 0", "policy", "This field is required.")]
    [InlineData(AlertActions.Bindings, "\"target\": \"a1e47000-0de0-4a57-8001-000000000009\", \"policy\": \"a1e47000-0de0-4a57-8001-000000000005\", \"order\": 0", "target", "There is no such rule.")]
    [InlineData(AlertActions.Bindings, "\"target\": \"a1e47000-0de0-4a57-8001-000000000003\", \"policy\": \"a1e47000-0de0-4a57-8001-000000000009\", \"order\": 0", "policy", "There is no such event matcher.")]
    [InlineData(AlertActions.Bindings, "\"target\": \"a1e47000-0de0-4a57-8001-000000000003\", \"policy\": \"a1e47000-0de0-4a57-8001-000000000005\", \"order\": 0", "order", "The matcher is bound to the rule with this order already")]
    [InlineData(AlertActions.Bindings, "\"target\": \"a1e47000-0de0-4a57-8001-000000000003\", \"policy\": \"a1e47000-0de0-4a57-8001-000000000005\"", "order", "This field is required.")]
    [InlineData(AlertActions.Bindings, "\"target\": \"a1e47000-0de0-4a57-8001-000000000003\", \"policy\": \"a1e47000-0de0-4a57-8001-000000000005\", \"order\": 1, \"group\": \"g\"", "group", "Only event matchers can be bound")]
    [InlineData(AlertActions.Rules, "\"name\": \"x\", \"transports\": [\"a1e47000-0de0-4a57-8001-000000000001\"], \"sevrity\": \"alert\"", "sevrity", "There is no such field; did you mean severity?")]
    [InlineData(AlertActions.Matchers, "\"name\": \"x\", \"client_op\": \"10.0.0.0/8\"", "client_op", "There is no such field; did you mean client_ip?")]
    [InlineData(AlertActions.Bindings, "\"target\": \"a1e47000-0de0-4a57-8001-000000000003\", \"policy\": \"a1e47000-0de0-4a57-8001-000000000005\", \"order\": 1, \"negated\": true", "negated", "There is no such field; did you mean negate?")]
    public async Task A_faulty_field_is_named_and_nothing_is_stored(string path, string members, string field, string message)
    {
        var before = (await _api.Get(path)).Is(200).At("pagination.count")!.GetValue<int>();

        var answer = (await _api.Post(path, $"{{{members}}}")).Is(400);

        Assert.StartsWith(message, answer.At("errors")![field]?[0]?.GetValue<string>() ?? answer.Text, StringComparison.Ordinal);
        Assert.NotNull(answer.Json![field]);
        Assert.Equal(before, (await _api.Get(path)).At("pagination.count")!.GetValue<int>());
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/")]
    [InlineData("http://localhost:1/")]
    [InlineData("http://[::1]:1/")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://10.0.0.1/")]
    [InlineData("http://[::ffff:192.168.0.1]/")]
    [InlineData("http://2130706433/")]
    public async Task A_target_that_is_not_public_is_refused(string url)
    {
        var transport = await _api.NewWebhook(new Uri(url));

        var answer = (await _api.Post($"{AlertActions.Transports}{transport}/test/")).Is(502);

        Assert.Contains("has no public address", answer.StringAt("detail"), StringComparison.Ordinal);
        (await _api.Delete($"{AlertActions.Transports}{transport}/")).Is(204);
    }

    [Theory]
    [InlineData("Mail:Host=mail.example.test", "Mail:From is ''; with Mail:Host it must be an address, such as accounts@example.com.")]
    [InlineData("Mail:From=a@example.test", "Mail:Host must name the mail server where Mail:From, Mail:Username, Mail:Password or Mail:CaFile is set.")]
    [InlineData("Mail:CaFile=none.pem", "Mail:Host must name the mail server")]
    [InlineData("Mail:Password=x", "Mail:Host must name the mail server")]
    [InlineData("Mail:Security=none", "Mail:Security is 'none'; it must be starttls or tls.")]
    [InlineData("Mail:Port=70000", "Mail:Port is 70000; it must be 0 to 65535.")]
    [InlineData("Alerts:SendTimeout=minutes=1", "Alerts:SendTimeout is 'minutes=1'; it must be seconds=1 to seconds=15.")]
    [InlineData("Alerts:AllowPrivateTarget=true", "There is no setting Alerts:AllowPrivateTarget; did you mean Alerts:AllowPrivateTargets?")]
    public async Task A_wrong_setting_stops_the_start(string setting, string message)
    {
        using var folder = new TempFolder();

        var (exitCode, log) = await ServerProcess.StartRefused(folder.In("data"), setting);

        Assert.NotEqual(0, exitCode);
        Assert.Contains(message, log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_are_told_in_the_log_without_secrets_and_deleting_takes_along_what_hangs_on_it()
    {
        var transport = await _api.NewWebhook(new Uri("https://hooks.example.test/a-secret-path"));
        var rule = await _api.NewRule(transport);
        var binding = (await _api.Get($"{AlertActions.Bindings}?target={rule}")).Is(200).Json!["results"]![0]!;
        const string Other = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=";
        var patched = (await _api.Patch($"{AlertActions.Transports}{transport}/", $$"""{"secret": "{{Other}}", "webhook_url": "https://other.example.test/b-secret-path"}""")).Is(200);
        Assert.True(patched.At("signed")!.GetValue<bool>());
        Assert.DoesNotContain("whsec", patched.Text, StringComparison.Ordinal);

        var events = (await _api.Get($"/api/v3/events/events/?search={Guid.Parse(transport):N}&ordering=created")).Is(200);
        Assert.Equal(["model_created", "model_updated"], events.Json!["results"]!.AsArray().Select(e => e!["action"]!.GetValue<string>()));
        Assert.DoesNotContain("whsec", events.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-path", events.Text, StringComparison.Ordinal);
        Assert.Contains("\"diff\":{\"webhook_url\":", events.Text, StringComparison.Ordinal);

        // The same host and another path is a change, too.
        (await _api.Patch($"{AlertActions.Transports}{transport}/", """{"webhook_url": "https://other.example.test/c-secret-path"}""")).Is(200);
        var moved = (await _api.Get($"/api/v3/events/events/?search={Guid.Parse(transport):N}&ordering=-created")).Is(200);
        Assert.DoesNotContain("secret-path", moved.Text, StringComparison.Ordinal);
        Assert.Equal("https://other.example.test/******", moved.Json!["results"]![0]!["context"]!["diff"]!["webhook_url"]!["new_value"]!.GetValue<string>());

        (await _api.Delete($"{AlertActions.Rules}{rule}/")).Is(204);
        (await _api.Get($"{AlertActions.Bindings}{binding["pk"]}/")).Is(404);
        (await _api.Delete($"{AlertActions.Transports}{transport}/")).Is(204);
        (await _api.Get($"{AlertActions.Transports}{transport}/")).Is(404);
    }

    [Fact]
    public async Task A_rule_whose_transport_was_deleted_can_be_switched_off_and_not_on()
    {
        var transport = await _api.NewWebhook(new Uri("https://hooks.example.test/"));
        var rule = $"{AlertActions.Rules}{await _api.NewRule(transport)}/";
        (await _api.Delete($"{AlertActions.Transports}{transport}/")).Is(204);

        Assert.Equal("transports", (await _api.Patch(rule, """{"severity": "notice"}""")).Is(400).Json!["errors"]!.AsObject().Single().Key);
        Assert.False((await _api.Patch(rule, """{"enabled": false, "severity": "notice"}""")).Is(200).At("enabled")!.GetValue<bool>());
        (await _api.Patch(rule, """{"enabled": true}""")).Is(400);
    }

    [Fact]
    public async Task A_change_of_a_transport_does_not_leave_a_rule_with_nobody_to_notify_unless_it_is_switched_off()
    {
        var transport = await _api.NewWebhook(new Uri("https://hooks.example.test/"));
        var rule = $"{AlertActions.Rules}{await _api.NewRule(transport)}/";
        var path = $"{AlertActions.Transports}{transport}/";

        Assert.Equal("mode", (await _api.Patch(path, """{"mode": "local"}""")).Is(400).Json!["errors"]!.AsObject().Single().Key);
        (await _api.Patch(rule, """{"enabled": false}""")).Is(200);
        (await _api.Patch(path, """{"mode": "local"}""")).Is(200);
        (await _api.Patch(rule, """{"severity": "notice"}""")).Is(200);
        Assert.Equal("destination_event_user", (await _api.Patch(rule, """{"enabled": true}""")).Is(400).Json!["errors"]!.AsObject().Single().Key);
        (await _api.Patch(rule, """{"enabled": true, "destination_event_user": true}""")).Is(200);

        (await _api.Delete(rule)).Is(204);
        (await _api.Delete(path)).Is(204);
    }

    /// <summary>Each change alone is right; both together are a webhook without an address.</summary>
    [Fact]
    public async Task A_change_that_another_made_faulty_meanwhile_is_refused()
    {
        for (var round = 0; round < 20; round++)
        {
            var transport = AlertActions.Transports + await _api.New(AlertActions.Transports, "\"mode\": \"local\", \"webhook_url\": \"https://hooks.example.test/\"") + "/";

            await Task.WhenAll(_api.Patch(transport, """{"mode": "webhook"}"""), _api.Patch(transport, """{"webhook_url": ""}"""));

            var kept = (await _api.Get(transport)).Is(200);
            Assert.NotEqual(("webhook", ""), (kept.StringAt("mode"), kept.StringAt("webhook_url")));
            (await _api.Delete(transport)).Is(204);
        }
    }

    /// <summary>Where each field's messages are repeated at the top level, as authentik does, those of the problem stay what they are.</summary>
    [Fact]
    public async Task A_fault_of_a_field_named_like_a_member_of_problems_is_told_once()
    {
        var transport = await _api.NewWebhook(new Uri("https://hooks.example.test/"));

        var answer = (await _api.Get($"{AlertActions.Transports}{transport}/deliveries/?status=foo")).Is(400);

        Assert.Equal(400, answer.At("status")!.GetValue<int>());
        Assert.Single(answer.Json!["errors"]!["status"]!.AsArray());
    }

    [Fact]
    public async Task What_uses_an_item_is_told_with_what_its_deletion_does()
    {
        var transport = await _api.NewWebhook(new Uri("https://hooks.example.test/"));
        var rule = await _api.NewRule(transport);
        var (name, binding) = ((await _api.Get($"{AlertActions.Rules}{rule}/")).StringAt("name"), (await _api.Get($"{AlertActions.Bindings}?target={rule}")).Is(200).Json!["results"]![0]!);

        Assert.Equal(
            $$"""[{"app":"authentik_events","model_name":"notificationrule","pk":"{{rule}}","name":"Notification Rule {{name}}","action":"cascade_many"}]""",
            (await _api.Get($"{AlertActions.Transports}{transport}/used_by/")).Is(200).Text);
        var bindings = $$"""[{"app":"authentik_policies","model_name":"policybinding","pk":"{{binding["pk"]}}","name":"Binding from Notification Rule {{name}} #0 to Policy {{binding["policy_obj"]!["name"]}}","action":"cascade"}]""";
        Assert.Equal(bindings, (await _api.Get($"{AlertActions.Rules}{rule}/used_by/")).Is(200).Text);
        Assert.Equal(bindings, (await _api.Get($"{AlertActions.Matchers}{binding["policy"]}/used_by/")).Is(200).Text);
        Assert.Equal("[]", (await _api.Get($"{AlertActions.Bindings}{binding["pk"]}/used_by/")).Is(200).Text);
        (await _api.Delete($"{AlertActions.Rules}{rule}/")).Is(204);
        Assert.Equal("[]", (await _api.Get($"{AlertActions.Transports}{transport}/used_by/")).Is(200).Text);
    }

    [Fact]
    public async Task Only_manage_configures_and_only_the_owner_reads_notifications()
    {
        (await _api.With("a key that is none").Get(AlertActions.Rules)).Is(401);
        (await _api.Get("/api/v3/events/notifications/")).Is(401);
        var login = await _api.Login(Actions.NewUser());
        (await _api.Get(AlertActions.Rules, ("Authorization", $"Session {login.Token}"))).Is(403);
    }

    [Fact]
    public async Task Of_changes_in_the_same_moment_none_undoes_another()
    {
        var matcher = AlertActions.Matchers + await _api.New(AlertActions.Matchers, "\"action\": \"login\"") + "/";
        for (var round = 0; round < 20; round++)
        {
            foreach (var answer in await Task.WhenAll(
                _api.Patch(matcher, $$"""{"client_ip": "192.0.2.{{round}}"}"""), _api.Patch(matcher, $$"""{"query": "user.pk = \"{{round}}\""}"""), _api.Patch(matcher, $$"""{"name": "n-{{matcher.Length}}-{{round}}"}""")))
            {
                answer.Is(200);
            }

            var kept = (await _api.Get(matcher)).Is(200);
            Assert.Equal(($"192.0.2.{round}", $"user.pk = \"{round}\"", $"n-{matcher.Length}-{round}"), (kept.StringAt("client_ip"), kept.StringAt("query"), kept.StringAt("name")));
        }
    }

    [Fact]
    public async Task A_local_notification_is_listed_marked_and_deleted_by_its_owner()
    {
        var user = Actions.NewUser();
        await _api.NewRule("a1e47000-0de0-4a57-8001-000000000002", $"action = \\\"login\\\" and user.pk = \\\"{user}\\\"", "\"destination_event_user\": true");
        var login = await _api.Login(user);
        (string, string) own = ("Authorization", $"Session {login.Token}");
        const string Path = "/api/v3/events/notifications/";
        await Poll.Until(async () => (await _api.Get(Path, own)).Is(200).At("pagination.count")!.GetValue<int>() == 1);

        var notification = (await _api.Get(Path, own)).Json!["results"]![0]!;
        Assert.Equal(login.Uuid, notification["event"]!["context"]!["session_uuid"]!.GetValue<string>());
        Assert.False(notification["seen"]!.GetValue<bool>());
        Assert.Equal($"{PlainServer.PublicUrl}/account/sessions/", notification["hyperlink"]!.GetValue<string>());
        var other = await _api.Login(Actions.NewUser());
        (await _api.Get($"{Path}{notification["pk"]}/", ("Authorization", $"Session {other.Token}"))).Is(404);
        (await _api.Send(HttpMethod.Patch, $"{Path}{notification["pk"]}/", """{"seen": true}""", own)).Is(200);
        Assert.Equal(0, (await _api.Get(Path + "?seen=false", own)).At("pagination.count")!.GetValue<int>());
        await _api.Login(user);
        await Poll.Until(async () => (await _api.Get(Path + "?seen=false", own)).At("pagination.count")!.GetValue<int>() == 1);
        (await _api.Post(Path + "mark_all_seen/", null, own)).Is(204);
        Assert.Equal(0, (await _api.Get(Path + "?seen=false", own)).At("pagination.count")!.GetValue<int>());
        (await _api.Delete($"{Path}{notification["pk"]}/", own)).Is(204);
        Assert.Equal(1, (await _api.Get(Path, own)).At("pagination.count")!.GetValue<int>());
    }

    [Fact]
    public async Task A_local_notification_of_an_ending_has_no_words_that_are_for_operators()
    {
        var user = Actions.NewUser();
        await _api.NewRule("a1e47000-0de0-4a57-8001-000000000002", $"action = \\\"logout\\\" and user.pk = \\\"{user}\\\"", "\"destination_event_user\": true");
        var (ended, left) = (await _api.Login(user), await _api.Login(user));
        (await _api.Post("/api/v3/sessions/revoke/", $$"""{"token": "{{ended.Token}}", "reason": "taken over, case 4711"}""")).Is(200);
        Answer? answer = null;
        await Poll.Until(async () =>
        {
            answer = (await _api.Get("/api/v3/events/notifications/", ("Authorization", $"Session {left.Token}"))).Is(200);
            return answer.At("pagination.count")!.GetValue<int>() == 1;
        });

        Assert.DoesNotContain("case 4711", answer!.Json!.ToJsonString(), StringComparison.Ordinal);
    }
}
