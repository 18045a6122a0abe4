namespace SessionCluster.Api.Alerts;

/// <summary>The four kinds of items, in authentik's JSON.</summary>
internal static class AlertKinds
{
    /// <summary>authentik's filters that mean nothing here: to pass over one would answer with what was not asked for.</summary>
    public static readonly string[] Unsupported = ["created", "destination_group__name", "last_updated"];

    private static readonly string[] ModeNames = ["Local notifications", "Generic webhook", "Slack webhook", "Email"];

    public static readonly AlertKind<AlertTransport> Transport = new(
        "transport",
        items => items.Transports,
        item => item.Pk,
        pk => new AlertTransport(pk, "", TransportMode.Local, "", null, null, "SessionCluster: ", AlertNames.EventTemplate, false),
        AlertForms.Transport,
        (item, basedOn, by) => new AlertSave(item, null, null, null, basedOn, by),
        Json,
        new Dictionary<string, Func<AlertTransport, IComparable>>
        {
            ["name"] = item => item.Name,
            ["mode"] = item => AlertNames.Modes[(int)item.Mode],
            ["webhook_url"] = item => item.WebhookUrl,
            ["send_once"] = item => item.SendOnce,
        },
        (item, _) => [item.Name, AlertNames.Modes[(int)item.Mode], item.WebhookUrl],
        (items, item) => items.Rules.Where(rule => rule.Transports.Contains(item.Pk)).Select(rule =>
            new AlertUse(("authentik_events", "notificationrule"), rule.Pk, $"Notification Rule {rule.Name}", "cascade_many")));

    public static readonly AlertKind<AlertRule> Rule = new(
        "rule",
        items => items.Rules,
        item => item.Pk,
        pk => new AlertRule(pk, "", [], AlertSeverity.Notice, false, [], true),
        AlertForms.Rule,
        (item, basedOn, by) => new AlertSave(null, item, null, null, basedOn, by),
        Json,
        new Dictionary<string, Func<AlertRule, IComparable>>
        {
            ["name"] = item => item.Name,
            ["severity"] = item => AlertNames.Severities[(int)item.Severity],
            ["enabled"] = item => item.Enabled,
            ["destination_group"] = _ => "",
        },
        (item, _) => [item.Name],
        (items, item) => Bindings(items, binding => binding.Rule == item.Pk));

    public static readonly AlertKind<AlertMatcher> Matcher = new(
        "event matcher",
        items => items.Matchers,
        item => item.Pk,
        pk => new AlertMatcher(pk, "", false, null, null, null, null, null),
        AlertForms.Matcher,
        (item, basedOn, by) => new AlertSave(null, null, item, null, basedOn, by),
        Json,
        new Dictionary<string, Func<AlertMatcher, IComparable>>
        {
            ["name"] = item => item.Name,
            ["action"] = item => item.Action ?? "",
            ["client_ip"] = item => item.ClientIp ?? "",
            ["app"] = item => item.App ?? "",
            ["model"] = item => item.Model ?? "",
            ["query"] = item => item.Query ?? "",
            ["policy_uuid"] = item => item.Pk,
            ["execution_logging"] = item => item.ExecutionLogging,
        },
        (item, _) => [item.Name],
        (items, item) => Bindings(items, binding => binding.Matcher == item.Pk));

    public static readonly AlertKind<AlertBinding> Binding = new(
        "binding",
        items => items.Bindings,
        item => item.Pk,
        pk => new AlertBinding(pk, Guid.Empty, Guid.Empty, false, true, 0, 30, false),
        AlertForms.Binding,
        (item, basedOn, by) => new AlertSave(null, null, null, item, basedOn, by),
        Json,
        new Dictionary<string, Func<AlertBinding, IComparable>>
        {
            ["order"] = item => (long)item.Order,
            ["policy"] = item => item.Matcher,
            ["target"] = item => item.Rule,
            ["enabled"] = item => item.Enabled,
            ["timeout"] = item => (long)item.Timeout,
        },
        (item, items) => [items.Matchers.FirstOrDefault(matcher => matcher.Pk == item.Matcher)?.Name ?? ""],
        (_, _) => []);

    private static IEnumerable<AlertUse> Bindings(AlertItems items, Func<AlertBinding, bool> isUse) => items.Bindings.Where(isUse).Select(binding =>
    {
        var rule = items.Rules.FirstOrDefault(rule => rule.Pk == binding.Rule)?.Name;
        var matcher = items.Matchers.FirstOrDefault(matcher => matcher.Pk == binding.Matcher)?.Name;
        return new AlertUse(("authentik_policies", "policybinding"), binding.Pk, $"Binding from Notification Rule {rule} #{binding.Order} to Policy {matcher}", "cascade");
    });

    private static JsonObject Json(AlertTransport item, AlertItems items) => new()
    {
        ["pk"] = item.Pk,
        ["name"] = item.Name,
        ["mode"] = AlertNames.Modes[(int)item.Mode],
        ["mode_verbose"] = ModeNames[(int)item.Mode],
        ["webhook_url"] = item.WebhookUrl,
        ["webhook_ca"] = item.WebhookCa,
        ["webhook_mapping_body"] = null,
        ["webhook_mapping_headers"] = null,
        ["email_subject_prefix"] = item.SubjectPrefix,
        ["email_template"] = item.EmailTemplate,
        ["send_once"] = item.SendOnce,
        ["signed"] = item.Secret is not null,
    };

    private static JsonObject Json(AlertRule item, AlertItems items) => new()
    {
        ["pk"] = item.Pk,
        ["name"] = item.Name,
        ["transports"] = new JsonArray([.. item.Transports.Select(transport => (JsonNode?)transport)]),
        ["severity"] = AlertNames.Severities[(int)item.Severity],
        ["destination_group"] = null,
        ["destination_group_obj"] = null,
        ["destination_event_user"] = item.ToEventUser,
        ["destination_emails"] = new JsonArray([.. item.Emails.Select(email => (JsonNode?)email)]),
        ["enabled"] = item.Enabled,
    };

    private static JsonObject Json(AlertMatcher item, AlertItems items)
    {
        var json = Policy(item, items);
        json["action"] = item.Action;
        json["client_ip"] = item.ClientIp;
        json["app"] = item.App;
        json["model"] = item.Model;
        json["query"] = item.Query;
        return json;
    }

    private static JsonObject Json(AlertBinding item, AlertItems items) => new()
    {
        ["pk"] = item.Pk,
        ["policy"] = item.Matcher,
        ["group"] = null,
        ["user"] = null,
        ["policy_obj"] = items.Matchers.FirstOrDefault(matcher => matcher.Pk == item.Matcher) is { } matcher ? Policy(matcher, items) : null,
        ["group_obj"] = null,
        ["user_obj"] = null,
        ["target"] = item.Rule,
        ["negate"] = item.Negate,
        ["enabled"] = item.Enabled,
        ["order"] = item.Order,
        ["timeout"] = item.Timeout,
        ["failure_result"] = item.FailureResult,
        ["expires"] = null,
        ["expiring"] = false,
    };

    private static JsonObject Policy(AlertMatcher item, AlertItems items) => new()
    {
        ["pk"] = item.Pk,
        ["name"] = item.Name,
        ["execution_logging"] = item.ExecutionLogging,
        ["component"] = "ak-policy-event-matcher-form",
        ["verbose_name"] = "Event Matcher Policy",
        ["verbose_name_plural"] = "Event Matcher Policies",
        ["meta_model_name"] = "authentik_policies_event_matcher.eventmatcherpolicy",
        ["bound_to"] = items.Bindings.Count(binding => binding.Matcher == item.Pk),
    };
}
