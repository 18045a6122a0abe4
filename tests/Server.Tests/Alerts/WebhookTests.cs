using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace SessionCluster.Server.Tests.Alerts;

/// <summary>A server that may send webhooks to this machine, and waits two seconds for their answers.</summary>
public sealed class AlertServer : SharedServer
{
    protected override IEnumerable<string> Settings => ["Alerts:AllowPrivateTargets=true", "Alerts:SendTimeout=seconds=2", "PublicUrl=https://login.example.test"];
}

[CollectionDefinition(nameof(AlertServer))]
public sealed class AlertServerCollection : ICollectionFixture<AlertServer>;

[Collection(nameof(AlertServer))]
public sealed class WebhookTests(AlertServer shared)
{
    private readonly ApiClient _api = shared.Api;

    [Fact]
    public async Task A_receiver_under_an_authority_of_its_own_is_reached_where_the_transport_names_that_authority()
    {
        using var root = SmtpServer.Certificate("root", null);
        using var other = SmtpServer.Certificate("root", null);
        using var made = SmtpServer.Certificate("localhost", root);
        using var own = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
        await using var receiver = await WebhookReceiver.Start((_, _) => Task.FromResult(200), "https://127.0.0.1:0", own);

        Assert.Equal("delivery-failed", (await Test(null)).Is(502).Problem);
        Assert.Equal("delivery-failed", (await Test(other)).Is(502).Problem);
        Assert.Empty(receiver.Attempts);
        // On a busy machine a first handshake may take longer than a transport waits.
        await Poll.Until(async () => (await Test(root)).Status == 200);
        Assert.NotEmpty(receiver.Attempts);
        // What is tried is in no log, so there is no page of it.
        Assert.All(receiver.Received, received => Assert.Null(received.Json["hyperlink"]));

        async Task<Answer> Test(X509Certificate2? trusted)
        {
            var transport = await _api.New(AlertActions.Transports, $$"""
                "mode": "webhook", "webhook_url": "https://localhost:{{receiver.Url.Port}}/", "webhook_ca": {{JsonSerializer.Serialize(trusted?.ExportCertificatePem())}}
                """);
            return await _api.Post($"{AlertActions.Transports}{transport}/test/");
        }
    }

    [Fact]
    public async Task A_login_from_an_unknown_device_reaches_the_receiver_signed_and_one_from_a_known_device_does_not()
    {
        await using var receiver = await WebhookReceiver.Start();
        var transport = await _api.NewWebhook(receiver.Url);
        var user = Actions.NewUser();
        await _api.NewRule(transport, $"context.auth_method_args.known_device = False and user.pk = \\\"{user}\\\"");

        var login = await _api.Login(user);
        var again = await _api.Login(user, client: $$""", "device_cookie": "{{login.DeviceCookie}}" """);
        await _api.Login(user, ip: Testing.Geo.Places.Tokyo);
        await receiver.Until(2);

        Assert.True(again.KnownDevice);
        Assert.Equal(2, receiver.Received.Count);
        var first = receiver.Received[0];
        Assert.Equal(login.Uuid, first.Session);
        Assert.Equal($"name-{user} logged in from {Testing.Geo.Places.Berlin} on an unknown device.", first.Json["body"]!.GetValue<string>());
        Assert.Equal("alert", first.Json["severity"]!.GetValue<string>());
        foreach (var (member, value) in new[] { ("user_email", $"{user}@example.test"), ("user_username", $"name-{user}"), ("event_user_email", $"{user}@example.test"), ("event_user_username", $"name-{user}") })
        {
            Assert.Equal(value, first.Json[member]!.GetValue<string>());
        }

        Assert.Equal(first.Id, first.Json["notification"]!.GetValue<string>());
        Assert.Equal($"https://login.example.test/admin/sessions/{login.Uuid}/", first.Json["hyperlink"]!.GetValue<string>());
        Assert.Equal("Session in the console", first.Json["hyperlink_label"]!.GetValue<string>());
        Assert.Equal((await _api.Events(user, "login"))[0]!.ToJsonString(), first.Json["event"]!.ToJsonString());
        Assert.Equal($"v1,{SignatureOf(first)}", first.Headers["webhook-signature"]);
    }

    [Fact]
    public async Task Redirects_are_not_followed()
    {
        await using var target = await WebhookReceiver.Start();
        await using var receiver = await WebhookReceiver.Start((_, context) =>
        {
            context.Response.Headers.Location = target.Url.ToString();
            return Task.FromResult(307);
        });
        var transport = await _api.NewWebhook(receiver.Url);

        var answer = (await _api.Post($"{AlertActions.Transports}{transport}/test/")).Is(502);

        Assert.Equal(("delivery-failed", "The receiver answered 307; redirects are not followed."), (answer.Problem, answer.StringAt("detail")));
        Assert.Single(receiver.Received);
        Assert.Empty(target.Received);
    }

    [Fact]
    public async Task Slack_gets_its_own_form()
    {
        await using var receiver = await WebhookReceiver.Start();
        var transport = await _api.NewWebhook(receiver.Url, "webhook_slack");
        var user = Actions.NewUser();
        await _api.NewRule(transport, $"user.pk = \\\"{user}\\\"");

        var login = await _api.Login(user);
        await receiver.Until(1);
        var hostile = $$"""{"stage": "default", "pending_user": {"pk": "{{user}}", "username": "<https://evil.example/|R&D>"}, "client": {"ip": "{{Testing.Geo.Places.Berlin}}"} }""";
        (await _api.Post("/api/v3/sessions/", hostile)).Is(201);
        await receiver.Until(2);

        Assert.Contains("&lt;https://evil.example/|R&amp;D&gt;", receiver.Received[1].Text.Replace("\\u0026", "&", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain('<', receiver.Received[1].Text);
        var attachment = receiver.Received[0].Json["attachments"]![0]!;
        Assert.Equal("login", attachment["title"]!.GetValue<string>());
        Assert.Equal($"https://login.example.test/admin/sessions/{login.Uuid}/", attachment["title_link"]!.GetValue<string>());
        var fields = attachment["fields"]!.AsArray().ToDictionary(field => field!["title"]!.GetValue<string>(), field => field!["value"]!.GetValue<string>());
        Assert.Equal(("alert", $"name-{user}", login.Uuid), (fields["Severity"], fields["User"], fields["session_uuid"]));
    }

    [Fact]
    public async Task An_event_without_a_session_leads_to_its_own_page_and_a_persons_notification_to_their_sessions()
    {
        await using var receiver = await WebhookReceiver.Start();
        var user = Actions.NewUser();
        await _api.NewRule(await _api.NewWebhook(receiver.Url), $"action = \\\"model_updated\\\" and context.model.pk = \\\"{user}\\\"");
        await _api.NewRule("a1e47000-0de0-4a57-8001-000000000002", $"action = \\\"login\\\" and user.pk = \\\"{user}\\\"", "\"destination_event_user\": true");

        var login = await _api.Login(user);
        JsonArray own = [];
        await Poll.Until(async () => (own = (await _api.Get("/api/v3/events/notifications/", ("Authorization", $"Session {login.Token}"))).Is(200).Json!["results"]!.AsArray()).Count == 1);
        (await _api.Post($"/api/v3/users/{user}/deactivate/", "{}")).Is(200);
        await receiver.Until(1);

        Assert.Equal(("https://login.example.test/account/sessions/", "Your sessions"), (own[0]!["hyperlink"]!.GetValue<string>(), own[0]!["hyperlink_label"]!.GetValue<string>()));
        var webhook = receiver.Received[0].Json;
        Assert.Equal($"https://login.example.test/admin/events/{webhook["event"]!["pk"]}/", webhook["hyperlink"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_waits_shows_as_lag_until_its_transport_is_deleted()
    {
        await using var receiver = await WebhookReceiver.Start((_, _) => Task.FromResult(500));
        var user = Actions.NewUser();
        var transport = await _api.NewWebhook(receiver.Url, "webhook_slack");
        await _api.NewRule(transport, $"user.pk = \\\"{user}\\\"");

        await _api.Login(user);
        await Poll.Until(async () => await Lag() >= 2);
        (await _api.Delete($"{AlertActions.Transports}{transport}/")).Is(204);

        await Poll.Until(async () => await Lag() == 0);
        // Some passes later it has not stumbled over what is not there any more.
        await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.DoesNotContain($"Delivery by the transport {transport} failed", shared.Server.Log, StringComparison.Ordinal);

        async Task<double> Lag() => double.Parse(
            (await _api.Get("/metrics")).Text.Split('\n').Single(line => line.StartsWith("sessioncluster_alerts_lag_seconds{mode=\"webhook_slack\"}", StringComparison.Ordinal)).Split(' ')[1],
            System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Many_events_with_five_rules_are_all_delivered_in_order_for_each_user()
    {
        const int Users = 10;
        const int LoginsOfEach = 30;
        await using var receiver = await WebhookReceiver.Start();
        var transport = await _api.NewWebhook(receiver.Url);
        var prefix = $"many-{Guid.NewGuid():N}";
        var users = Enumerable.Range(0, Users).Select(i => $"{prefix}-{i}").ToArray();
        for (var i = 0; i < 5; i++)
        {
            await _api.NewRule(transport, $"action = \\\"login\\\" and user.pk startswith \\\"{prefix}\\\"");
        }

        var expected = await Task.WhenAll(users.Select(async user =>
        {
            var logins = new List<string>();
            for (var i = 0; i < LoginsOfEach; i++)
            {
                logins.Add((await _api.Login(user)).Uuid);
            }

            return (User: $"name-{user}", Logins: logins);
        }));
        await receiver.Until(Users * LoginsOfEach * 5);

        var received = receiver.Received;
        Assert.Equal(Users * LoginsOfEach * 5, received.Select(webhook => webhook.Id).Distinct().Count());
        foreach (var (user, logins) in expected)
        {
            Assert.Equal(logins, received.Where(webhook => webhook.User == user).Select(webhook => webhook.Session).Distinct());
        }

        Assert.Contains("sessioncluster_alerts_total{mode=\"webhook\",outcome=\"delivered\"}", (await _api.Get("/metrics")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_that_is_switched_off_delivers_nothing_until_it_is_on_again()
    {
        await using var receiver = await WebhookReceiver.Start();
        var user = Actions.NewUser();
        var transport = await _api.NewWebhook(receiver.Url);
        var (rule, later) = (await NewRule(user), Actions.NewUser());
        await NewRule(later);

        var first = await _api.Login(user);
        await receiver.Until(1);
        (await _api.Patch($"{AlertActions.Rules}{rule}/", """{"enabled": false}""")).Is(200);
        await _api.Login(user);
        // The log is read in its order: when a later login is delivered, the one before it was passed over.
        await _api.Login(later);
        await receiver.Until(2);
        (await _api.Patch($"{AlertActions.Rules}{rule}/", """{"enabled": true}""")).Is(200);
        var third = await _api.Login(user);
        await receiver.Until(3);

        Assert.Equal([first.Uuid, third.Uuid], receiver.Received.Where(webhook => webhook.User == $"name-{user}").Select(webhook => webhook.Session).Distinct());

        Task<string> NewRule(string of) => _api.NewRule(transport, $"action = \\\"login\\\" and user.pk = \\\"{of}\\\"");
    }

    private static string SignatureOf(ReceivedWebhook webhook) => Convert.ToBase64String(HMACSHA256.HashData(
        Encoding.ASCII.GetBytes("01234567890123456789012345678901"), Encoding.UTF8.GetBytes($"{webhook.Id}.{webhook.Headers["webhook-timestamp"]}.{webhook.Text}")));
}
