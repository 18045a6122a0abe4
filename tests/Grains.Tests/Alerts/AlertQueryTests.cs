using SessionCluster.Alerts;
using SessionCluster.Events;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Grains.Tests.Alerts;

public sealed class AlertQueryTests
{
    private static readonly EventInfo Login = new(
        new Guid("5e551014-0de0-4a57-8001-de7a0175ea6e"), "login", new UserFacts(new UserId("42"), "jane", "jane@example.test", "Jane"), "192.0.2.7",
        new SessionId(Guid.Empty), new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero),
        """{"auth_method": "password", "auth_method_args": {"known_device": false, "tries": 3}, "asn": {"asn": 64500}, "empty": null, "list": [1], "text": "a\"b", "account": "CORP\\nina"}""");

    [Theory]
    [InlineData("action = \"login\"", true)]
    [InlineData("action = 'logout'", false)]
    [InlineData("action != \"logout\"", true)]
    [InlineData("context.auth_method_args.known_device = False", true)]
    [InlineData("context.auth_method_args.known_device = True", false)]
    [InlineData("context.auth_method_args.known_device = \"False\"", false)]
    [InlineData("context.auth_method_args.tries > 2 and context.auth_method_args.tries < 4", true)]
    [InlineData("context.auth_method_args.tries >= 3.0 and context.auth_method_args.tries <= 3", true)]
    [InlineData("context.auth_method_args.tries > \"2\"", false)]
    [InlineData("context.missing = None", true)]
    [InlineData("context.empty = None", true)]
    [InlineData("context.missing != None", false)]
    [InlineData("context.list != None", true)]
    [InlineData("context.missing > 1", false)]
    [InlineData("context.missing != 1", true)]
    [InlineData("not context.missing = 1", true)]
    [InlineData("context.auth_method ~ \"PASS\"", true)]
    [InlineData("context.auth_method !~ \"pass\"", false)]
    [InlineData("context.missing !~ \"x\"", true)]
    [InlineData("context.auth_method startswith \"pass\" and context.auth_method endswith \"word\"", true)]
    [InlineData("context.auth_method not startswith \"pass\"", false)]
    [InlineData("context.auth_method startswith \"PASS\" and context.auth_method endswith \"WORD\"", true)]
    [InlineData("context.auth_method not startswith \"PASS\"", false)]
    [InlineData("context.list ~ \"1\"", true)]
    [InlineData("context.auth_method_args ~ \"TRIES\"", true)]
    [InlineData("context.auth_method_args !~ \"tries\"", false)]
    [InlineData("context.auth_method_args.known_device ~ \"false\"", true)]
    [InlineData("context.empty ~ \"null\"", false)]
    [InlineData("action in (\"login\", \"logout\")", true)]
    [InlineData("action not in [\"logout\"]", true)]
    [InlineData("context.asn.asn in (64500)", true)]
    [InlineData("context.asn.asn = 6.45e4", true)]
    [InlineData("event_uuid = \"5e551014-0de0-4a57-8001-de7a0175ea6e\"", true)]
    [InlineData("brand.name = None", true)]
    [InlineData("user.pk = 42", true)]
    [InlineData("user.pk = \"42\" and user.username = \"jane\" and user.email endswith \"@example.test\"", true)]
    [InlineData("client_ip startswith \"192.0.2.\"", true)]
    [InlineData("created >= \"2026-11-24\" and created < \"2026-11-25\"", true)]
    [InlineData("created >= \"2026-11-24 00:00\" and created < \"2026-11-24 23:59\"", true)]
    [InlineData("created > \"2026-11-24 23:58\"", false)]
    [InlineData("created = \"2026-11-24 12:00:00\" and created <= \"2026-11-24 12:00\"", true)]
    [InlineData("created in (\"2026-11-24\", \"2026-11-24 12:00\")", true)]
    [InlineData("created > \"2026-11-24T11:59\" and created = \"2026-11-24T12:00:00.000000Z\"", true)]
    [InlineData("created startswith \"2026-11-24\" and created ~ \"2026-11-24\"", true)]
    [InlineData("context.text = \"a\\\"b\"", true)]
    [InlineData("context.text = \"a\\u0022b\"", true)]
    [InlineData("context.account = \"CORP\\\\nina\"", true)]
    [InlineData("context.account = \"CORP\\nina\"", false)]
    [InlineData("context.account != \"CORP\\\\jane\"", true)]
    [InlineData("context.account startswith \"CORP\\\\\" and action = \"login\"", true)]
    // and binds more than or; not binds most.
    [InlineData("action = \"login\" or action = \"x\" and action = \"y\"", true)]
    [InlineData("(action = \"login\" or action = \"x\") and action = \"y\"", false)]
    [InlineData("not action = \"x\" and action = \"login\"", true)]
    [InlineData("not (action = \"x\" or action = \"login\")", false)]
    public void A_query_selects(string text, bool matches)
    {
        Assert.True(AlertQuery.TryParse(text, out var query, out var error), error);
        using var fields = new EventFields(Login);
        Assert.Equal(matches, query(fields));
    }

    [Theory]
    [InlineData("", "At character 1: expected a field, such as action or context.auth_method, found the end.")]
    [InlineData("action", "At character 7: expected one of = != > < >= <= ~ !~ in startswith endswith, found the end.")]
    [InlineData("action = ", "At character 10: expected a text in quotes, a number, True, False or None, found the end.")]
    [InlineData("action = login", "At character 10: expected a text in quotes, a number, True, False or None, found \"login\".")]
    [InlineData("action == \"login\"", "At character 9: expected a text in quotes, a number, True, False or None, found \"=\".")]
    [InlineData("action = \"login", "At character 10: the text that begins here has no end.")]
    [InlineData("action = \"login\\", "At character 10: the text that begins here has no end.")]
    [InlineData("action = \"a\\q\"", "At character 12: \\q has no meaning; there are \\\" \\' \\\\ \\/ \\n \\r \\t \\u00e9.")]
    [InlineData("action = \"\\u00\"", "At character 11: \\u has no meaning; there are \\\" \\' \\\\ \\/ \\n \\r \\t \\u00e9.")]
    [InlineData("action = \"\\u00g9\"", "At character 11: \\u has no meaning; there are \\\" \\' \\\\ \\/ \\n \\r \\t \\u00e9.")]
    [InlineData("action = \"a\" action = \"b\"", "At character 14: expected and, or, or the end, found \"action\".")]
    [InlineData("(action = \"a\"", "At character 14: expected ), found the end.")]
    [InlineData("action = \"a\")", "At character 13: expected and, or, or the end, found \")\".")]
    [InlineData("action in \"a\"", "At character 11: expected a list, such as (\"a\", \"b\"), found \"a\".")]
    [InlineData("action in ()", "At character 12: expected a text in quotes, a number, True, False or None, found \")\".")]
    [InlineData("action not = \"a\"", "At character 12: expected in, startswith or endswith, found \"=\".")]
    [InlineData("action ~ 5", "At character 8: ~ compares with a text.")]
    [InlineData("action > None", "At character 8: > compares with a text or a number.")]
    [InlineData("actoin = \"a\"", "At character 1: there is no field actoin, did you mean action.")]
    [InlineData("context = \"a\"", "At character 1: name a member, such as context.auth_method.")]
    [InlineData("context..a = 1", "At character 1: a name is missing beside a dot.")]
    [InlineData("user = \"a\"", "At character 1: compare user.pk, user.username or user.email.")]
    [InlineData("user.nmae = \"a\"", "At character 1: there is no field nmae, there are pk, email, username.")]
    [InlineData("action.x = 1", "At character 1: action has no members.")]
    [InlineData("action = 1.2.3", "At character 10: 1.2.3 is not a number; a text stands in quotes.")]
    [InlineData("action & 1", "At character 8: the character & has no meaning here.")]
    [InlineData("action = \U0001F600", "At character 10: the character \U0001F600 has no meaning here.")]
    public void A_fault_is_told_with_its_place(string text, string error)
    {
        Assert.False(AlertQuery.TryParse(text, out _, out var told));
        Assert.Equal(error, told);
    }

    [Fact]
    public void Long_and_deep_queries_are_refused()
    {
        Assert.False(AlertQuery.TryParse(new string('(', 2000), out _, out var deep));
        Assert.Contains("nested more than 32 deep", deep, StringComparison.Ordinal);
        Assert.False(AlertQuery.TryParse(string.Concat(Enumerable.Repeat("not ", 500)) + "action = 1", out _, out _));
        Assert.False(AlertQuery.TryParse(new string(' ', 3000), out _, out var longer));
        Assert.Contains("2048", longer, StringComparison.Ordinal);
        var wide = string.Join(" or ", Enumerable.Repeat("action = \"x\"", 120));
        Assert.True(AlertQuery.TryParse(wide, out _, out _));
    }
}
