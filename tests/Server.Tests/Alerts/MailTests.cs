using System.Net;
using System.Text;
using MimeKit;
using SessionCluster.Testing.Geo;

namespace SessionCluster.Server.Tests.Alerts;

/// <summary>Mails through a real mail server over TLS, and what the link in them does.</summary>
public sealed class MailTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();

    private readonly SmtpServer _mail = new();

    private ServerProcess _server = null!;

    private ApiClient Api => _server.Api;

    public async Task InitializeAsync()
    {
        _folder.Write("city.mmdb", Places.CityDatabase());
        _server = await ServerProcess.Start(_folder.In("data"), Settings());
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _mail.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_default_rule_mails_the_user_whose_link_ends_all_sessions_after_a_click_and_once()
    {
        await EnableDefaultRule();
        var user = Actions.NewUser();
        var login = await Api.Login(user);
        var mail = await MailTo(user, 1);
        var (plain, html) = (mail.TextBody!, mail.HtmlBody!);

        Assert.Equal("SessionCluster: Login from a new device", mail.Subject);
        foreach (var part in new[] { plain, WebUtility.HtmlDecode(html) })
        {
            Assert.Contains("Firefox on Linux", part, StringComparison.Ordinal);
            Assert.Contains("Berlin", part, StringComparison.Ordinal);
            Assert.Contains("https://login.example.test/account/sessions/", part, StringComparison.Ordinal);
        }

        var link = LinkOf(plain);
        Assert.Contains($"href=\"{link}\"", html, StringComparison.Ordinal);
        Assert.StartsWith("https://login.example.test/account/not-me/?code=", link, StringComparison.Ordinal);
        var code = link[(link.IndexOf('=', StringComparison.Ordinal) + 1)..];
        var other = await Api.Login(user, client: $$""", "device_cookie": "{{login.DeviceCookie}}" """);

        // A scanner of mails opens the link.
        var page = (await Anyone("GET", $"/account/not-me/?code={code}")).Is(200);
        Assert.Contains("Firefox on Linux", page.Text, StringComparison.Ordinal);
        Assert.Null(await Api.WhyNot(login.Token));

        var done = (await Anyone("POST", "/account/not-me/", code)).Is(200);
        Assert.Contains(login.Uuid, done.Text, StringComparison.Ordinal);
        Assert.Contains(other.Uuid, done.Text, StringComparison.Ordinal);
        Assert.Equal(("revoked", "revoked"), (await Api.WhyNot(login.Token), await Api.WhyNot(other.Token)));
        Assert.Empty((await Api.Get($"/api/v3/users/{user}/devices/")).Is(200).Json!["results"]!.AsArray());
        var later = await Api.Login(user, client: $$""", "device_cookie": "{{login.DeviceCookie}}" """);
        Assert.False(later.KnownDevice);

        // The link counts once, whatever else the user's ledger remembers since and whatever crashes: what began since stays.
        for (var i = 0; i < 40; i++)
        {
            (await Api.Post($"/api/v3/users/{user}/sessions/revoke/", $$"""{"except": "{{later.Uuid}}"}""", ("Idempotency-Key", $"{user}-{i}"))).Is(200);
        }

        await _server.Kill();
        await _server.DisposeAsync();
        _server = await ServerProcess.Start(_folder.In("data"), Settings());
        var again = (await Anyone("POST", "/account/not-me/", code)).Is(200).Text;
        Assert.Contains("This link was used already", again, StringComparison.Ordinal);
        Assert.Contains(login.Uuid, again, StringComparison.Ordinal);
        Assert.Contains("This link was used already", (await Anyone("GET", $"/account/not-me/?code={code}")).Is(200).Text, StringComparison.Ordinal);
        Assert.Null(await Api.WhyNot(later.Token));
        var forged = code[..^2] + (code[^2] == 'A' ? "BA" : "AA");
        (await Anyone("POST", "/account/not-me/", forged)).Is(404);
        (await Anyone("GET", "/account/not-me/?code=" + forged)).Is(404);
    }

    [Fact]
    public async Task The_default_rule_of_broken_bindings_is_off_and_then_mails_the_user_of_a_session_that_one_ended_and_of_no_other()
    {
        var stage = await Api.Stage("\"geoip_binding\": \"bind_continent\"");
        var (moved, revoked) = (Actions.NewUser(), Actions.NewUser());
        var login = await Api.Login(moved, stage);
        await Api.Login(revoked, stage);

        await EnableDefaultRule("default-notify-binding-broken");
        (await Api.Post($"/api/v3/users/{revoked}/sessions/revoke/")).Is(200);
        Assert.Equal("binding_broken", await Api.WhyNot(login.Token, Places.Tokyo));
        var mail = await MailTo(moved, 1);

        Assert.Contains("Session binding broken", mail.TextBody, StringComparison.Ordinal);
        // The log is followed in its order: a mail of the other ending would have come before.
        await Poll.Until(async () => (await Api.Deliveries(await Transport())).Count == 0);
        Assert.Equal($"{moved}@example.test", Assert.Single(_mail.Mails).To);
    }

    [Fact]
    public async Task Without_a_public_url_mails_have_no_links_and_the_start_says_so()
    {
        await _server.DisposeAsync();
        _server = await ServerProcess.Start(_folder.In("data"), Settings().Where(setting => !setting.StartsWith("PublicUrl=", StringComparison.Ordinal)));
        await EnableDefaultRule();
        var user = Actions.NewUser();
        await Api.Login(user);

        var mail = await MailTo(user, 1);

        Assert.Contains("Firefox on Linux", mail.TextBody, StringComparison.Ordinal);
        Assert.DoesNotContain("://", mail.TextBody, StringComparison.Ordinal);
        Assert.DoesNotContain("://", mail.HtmlBody, StringComparison.Ordinal);
        await Poll.Until(() => Task.FromResult(_server.Log.Contains("Mail:Host is set and PublicUrl is not", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_refused_recipient_fails_for_good_visibly_and_can_be_retried_while_others_get_theirs()
    {
        var (refused, fine) = (Actions.NewUser(), Actions.NewUser());
        _mail.Recipient = address => address.StartsWith(refused, StringComparison.Ordinal) ? "550 no such mailbox" : null;
        await EnableDefaultRule();

        await Api.Login(refused);
        await Api.Login(fine);
        await MailTo(fine, 1);
        var transport = await Transport();
        await Poll.Until(async () => (await Api.Deliveries(transport, "failed")).Count == 1);
        var failed = (await Api.Deliveries(transport, "failed"))[0]!;

        Assert.Equal("The mail server answered 550.", failed["error"]!.GetValue<string>());
        await Poll.Until(async () => (await Api.Get("/metrics")).Text.Contains("sessioncluster_alerts_failed_total{mode=\"email\"} 1\n", StringComparison.Ordinal));
        _mail.Recipient = _ => null;
        var retried = await Api.Post($"{AlertActions.Transports}{transport}/deliveries/retry/", $$"""{"notification": "{{failed["notification"]}}"}""");
        Assert.Equal(1, retried.Is(200).At("retried")!.GetValue<int>());
        await MailTo(refused, 1);
        await Poll.Until(async () => (await Api.Deliveries(transport, "failed")).Count == 0);
    }

    [Fact]
    public async Task A_mailbox_that_refuses_for_now_holds_back_no_mail_to_another_address()
    {
        var user = Actions.NewUser();
        _mail.Recipient = address => address.StartsWith(user, StringComparison.Ordinal) ? "450 mailbox busy" : null;
        await Api.NewRule(
            await Transport(), $"action = \\\"login\\\" and user.pk = \\\"{user}\\\"", "\"destination_event_user\": true, \"destination_emails\": [\"ops@example.test\"]");

        await Api.Login(user);
        await Api.Login(user);

        await Poll.Until(() => Task.FromResult(_mail.Mails.Count == 2));
        Assert.All(_mail.Mails, mail => Assert.Equal("ops@example.test", mail.To));
        Assert.Equal(2, _mail.Mails.Select(mail => Parse(mail).MessageId).Distinct().Count());
        await Poll.Until(async () => (await Api.Deliveries(await Transport())).Count == 2);
    }

    [Fact]
    public async Task A_name_of_several_lines_adds_no_header()
    {
        var user = Actions.NewUser();
        await Api.NewRule(await Transport(), $"action = \\\"logout\\\" and user.pk = \\\"{user}\\\"", "\"destination_emails\": [\"ops@example.test\"]");
        var body = Actions.LoginBody(user).Replace($"name-{user}", "x\\r\\nBcc: everyone@example.test\\r\\n\\r\\n<b>hello</b>", StringComparison.Ordinal);
        var login = new Login((await Api.Post("/api/v3/sessions/", body)).Is(201), user);
        (await Api.Post("/api/v3/sessions/revoke/", $$"""{"token": "{{login.Token}}"}""")).Is(200);

        await Poll.Until(() => Task.FromResult(_mail.Mails.Count == 1));

        var mail = Parse(_mail.Mails[0]);
        Assert.Equal("ops@example.test", _mail.Mails[0].To);
        Assert.Empty(mail.Bcc);
        Assert.DoesNotContain(mail.Headers, header => header.Field == "Bcc");
        Assert.DoesNotContain("<b>", mail.HtmlBody, StringComparison.Ordinal);
        Assert.Contains("Bcc: everyone@example.test", mail.Subject, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_turns_nothing_of_a_mail_around()
    {
        await EnableDefaultRule();
        var user = Actions.NewUser();
        var body = Actions.LoginBody(user).Replace("\"N\"", "\"\\u202e\u05e9\u05e8\u05d4\"", StringComparison.Ordinal);
        (await Api.Post("/api/v3/sessions/", body)).Is(201);

        var mail = await MailTo(user, 1);

        Assert.Contains("Hello \u2068\u05e9\u05e8\u05d4\u2069,", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains($"Account: name-{user}", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains($"<bdi>name-{user}</bdi>", mail.HtmlBody, StringComparison.Ordinal);
        Assert.Matches("<p>Hello <bdi>[^<]+</bdi>,</p>", mail.HtmlBody);
    }

    [Fact]
    public async Task A_user_is_told_what_an_operator_did_and_not_from_where_and_operators_are()
    {
        var user = Actions.NewUser();
        await Api.NewRule(
            await Transport(), $"action = \\\"logout\\\" and user.pk = \\\"{user}\\\"", "\"destination_event_user\": true, \"destination_emails\": [\"ops@example.test\"]");
        await Api.Login(user);

        (await Api.Post($"/api/v3/users/{user}/sessions/revoke/", """{"reason": "taken over, case 4711"}""", ("User-Agent", Actions.UserAgent))).Is(200);

        await Poll.Until(() => Task.FromResult(_mail.Mails.Count == 2));
        foreach (var mail in _mail.Mails)
        {
            var (text, isOperators) = (Parse(mail).TextBody!, mail.To == "ops@example.test");
            Assert.Contains($"name-{user}", text, StringComparison.Ordinal);
            Assert.Equal(isOperators, $"{Parse(mail).Subject} {text}".Contains("case 4711", StringComparison.Ordinal));
            Assert.Equal((isOperators, isOperators), (text.Contains("Address:", StringComparison.Ordinal), text.Contains("Browser:", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task A_test_of_the_transport_goes_where_it_is_told_to()
    {
        var transport = await Transport();
        Assert.NotNull((await Api.Post($"{AlertActions.Transports}{transport}/test/")).Is(400).At("errors.email"));

        Assert.Single((await Api.Post($"{AlertActions.Transports}{transport}/test/", """{"email": "me@example.test"}""")).Is(200).Json!["messages"]!.AsArray());

        Assert.Equal("me@example.test", _mail.Mails[0].To);
    }

    [Fact]
    public async Task A_mail_server_that_misses_a_login_is_told_of_in_its_words_and_takes_no_mail_at_all()
    {
        const string None = "sessioncluster_alerts_total{mode=\"email\",outcome=\"unreachable\"} 0\n";
        Assert.Contains(None, (await Api.Get("/metrics")).Text, StringComparison.Ordinal);
        _mail.Sender = "530 log in first";

        var answer = (await Api.Post($"{AlertActions.Transports}{await Transport()}/test/", """{"email": "me@example.test"}""")).Is(502);
        await EnableDefaultRule();
        await Api.Login(Actions.NewUser());

        Assert.Equal(("delivery-failed", "log in first."), (answer.Problem, answer.StringAt("detail")));
        await Poll.Until(async () => !(await Api.Get("/metrics")).Text.Contains(None, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tls_from_the_first_byte_works_and_a_certificate_that_is_not_trusted_does_not()
    {
        using var folder = new TempFolder();
        using var tls = new SmtpServer(isTls: true);
        await using var server = await ServerProcess.Start(folder.In("data"), tls.Settings(folder));
        var path = $"{AlertActions.Transports}{(await server.Api.Get($"{AlertActions.Transports}?name=default-email-transport")).Is(200).Json!["results"]![0]!["pk"]}/test/";
        (await server.Api.Post(path, """{"email": "me@example.test"}""")).Is(200);
        Assert.Single(tls.Mails);

        using var other = new TempFolder();
        await using var wary = await ServerProcess.Start(other.In("data"), [.. tls.Settings(folder), "Mail:CaFile="]);
        var refused = await wary.Api.Post(path, """{"email": "me@example.test"}""");
        Assert.True(refused.Status == 502, refused.Text + wary.Log);
        Assert.Equal("delivery-failed", refused.Problem);
        Assert.Single(tls.Mails);
    }

    private string[] Settings() => [.. _mail.Settings(_folder), $"GeoIp:CityDatabase={_folder.In("city.mmdb")}", "PublicUrl=https://login.example.test"];

    private async Task<string> Transport() =>
        (await Api.Get($"{AlertActions.Transports}?name=default-email-transport")).Is(200).Json!["results"]![0]!["pk"]!.GetValue<string>();

    private async Task EnableDefaultRule(string name = "default-notify-unknown-device")
    {
        var rule = (await Api.Get($"{AlertActions.Rules}?name={name}")).Is(200).Json!["results"]![0]!;
        Assert.False(rule["enabled"]!.GetValue<bool>());
        (await Api.Patch($"{AlertActions.Rules}{rule["pk"]}/", """{"enabled": true}""")).Is(200);
    }

    private async Task<MimeMessage> MailTo(string user, int count)
    {
        await Poll.Until(() => Task.FromResult(_mail.Mails.Count(mail => mail.To == $"{user}@example.test") >= count));
        return Parse(_mail.Mails.Last(mail => mail.To == $"{user}@example.test"));
    }

    private static MimeMessage Parse(ReceivedMail mail) => MimeMessage.Load(new MemoryStream(Encoding.Latin1.GetBytes(mail.Content)));

    private static string LinkOf(string plain) => plain.Split('\n').Single(line => line.Contains("/account/not-me/", StringComparison.Ordinal)).Trim();

    private async Task<Answer> Anyone(string method, string path, string? code = null)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_server.Url, path));
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        request.Content = code is null ? null : new FormUrlEncodedContent([KeyValuePair.Create("code", code)]);
        using var response = await http.SendAsync(request);
        return new Answer((int)response.StatusCode, null, response.Headers, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync());
    }
}
