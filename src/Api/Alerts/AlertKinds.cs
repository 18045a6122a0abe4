using System.Text.Json;

namespace SessionCluster.Api.Alerts;

/// <summary>The four kinds of items, in authentik's JSON.</summary>
internal static class AlertKinds
{
    private static readonly string[] ModeNames = ["Local notifications", "Generic webhook", "Slack webhook", "Email"];

    public static readonly AlertKind<AlertTransport> Transport = new(
        "transport",
        items => items.Transports,
        item => item.Pk,
        pk => new AlertTransport(pk, "", TransportMode.Local, "", null, null, "SessionCluster: ", AlertNames.EventTemplate, false),
        AlertForms.Transport,
        (item, madeOf, by) => new AlertSave(item, null, null, null, madeOf, by),
        Write,
        new Dictionary<string, Func<AlertTransport, IComparable>>
        {
            ["name"] = item => item.Name,
            ["mode"] = item => AlertNames.Modes[(int)item.Mode],
            ["webhook_url"] = item => item.WebhookUrl,
            ["send_once"] = item => Text(item.SendOnce),
        },
        (items, item) => items.Rules.Where(rule => rule.Transports.Contains(item.Pk)).Select(rule =>
            new AlertUse(("authentik_events", "notificationrule"), rule.Pk, $"Notification Rule {rule.Name}", "cascade_many")));

    public static readonly AlertKind<AlertRule> Rule = new(
        "rule",
        items => items.Rules,
        item => item.Pk,
        pk => new AlertRule(pk, "", [], AlertSeverity.Notice, false, [], true),
        AlertForms.Rule,
        (item, madeOf, by) => new AlertSave(null, item, null, null, madeOf, by),
        Write,
        new Dictionary<string, Func<AlertRule, IComparable>>
        {
            ["name"] = item => item.Name,
            ["severity"] = item => AlertNames.Severities[(int)item.Severity],
            ["enabled"] = item => Text(item.Enabled),
        },
        (items, item) => Bindings(items, binding => binding.Rule == item.Pk));

    public static readonly AlertKind<AlertMatcher> Matcher = new(
        "event matcher",
        items => items.Matchers,
        item => item.Pk,
        pk => new AlertMatcher(pk, "", false, null, null, null, null, null),
        AlertForms.Matcher,
        (item, madeOf, by) => new AlertSave(null, null, item, null, madeOf, by),
        Write,
        new Dictionary<string, Func<AlertMatcher, IComparable>>
        {
            ["name"] = item => item.Name,
            ["action"] = item => item.Action ?? "",
            ["client_ip"] = item => item.ClientIp ?? "",
            ["app"] = item => item.App ?? "",
            ["model"] = item => item.Model ?? "",
            ["query"] = item => item.Query ?? "",
            ["policy_uuid"] = item => item.Pk.ToString("D"),
            ["execution_logging"] = item => Text(item.ExecutionLogging),
        },
        (items, item) => Bindings(items, binding => binding.Matcher == item.Pk));

    public static readonly AlertKind<AlertBinding> Binding = new(
        "binding",
        items => items.Bindings,
        item => item.Pk,
        pk => new AlertBinding(pk, Guid.Empty, Guid.Empty, false, true, 0, 30, false),
        AlertForms.Binding,
        (item, madeOf, by) => new AlertSave(null, null, null, item, madeOf, by),
        Write,
        new Dictionary<string, Func<AlertBinding, IComparable>>
        {
            ["order"] = item => item.Order,
            ["policy"] = item => item.Matcher.ToString("D"),
            ["target"] = item => item.Rule.ToString("D"),
            ["enabled"] = item => Text(item.Enabled),
            ["timeout"] = item => item.Timeout,
        },
        (_, _) => []);

    private static IEnumerable<AlertUse> Bindings(AlertItems items, Func<AlertBinding, bool> isUse) => items.Bindings.Where(isUse).Select(binding =>
    {
        var rule = items.Rules.FirstOrDefault(rule => rule.Pk == binding.Rule)?.Name;
        var matcher = items.Matchers.FirstOrDefault(matcher => matcher.Pk == binding.Matcher)?.Name;
        return new AlertUse(("authentik_policies", "policybinding"), binding.Pk, $"Binding from Notification Rule {rule} #{binding.Order} to Policy {matcher}", "cascade");
    });

    private static void Write(Utf8JsonWriter writer, AlertTransport item, AlertItems items)
    {
        writer.WriteStartObject();
        writer.WriteString("pk"u8, item.Pk);
        writer.WriteString("name"u8, item.Name);
        writer.WriteString("mode"u8, AlertNames.Modes[(int)item.Mode]);
        writer.WriteString("mode_verbose"u8, ModeNames[(int)item.Mode]);
        writer.WriteString("webhook_url"u8, item.WebhookUrl);
        writer.WriteString("webhook_ca"u8, item.WebhookCa);
        writer.WriteNull("webhook_mapping_body"u8);
        writer.WriteNull("webhook_mapping_headers"u8);
        writer.WriteString("email_subject_prefix"u8, item.SubjectPrefix);
        writer.WriteString("email_template"u8, item.EmailTemplate);
        writer.WriteBoolean("send_once"u8, item.SendOnce);
        writer.WriteBoolean("signed"u8, item.Secret is not null);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, AlertRule item, AlertItems items)
    {
        writer.WriteStartObject();
        writer.WriteString("pk"u8, item.Pk);
        writer.WriteString("name"u8, item.Name);
        writer.WriteStartArray("transports"u8);
        foreach (var transport in item.Transports)
        {
            writer.WriteStringValue(transport);
        }

        writer.WriteEndArray();
        writer.WriteString("severity"u8, AlertNames.Severities[(int)item.Severity]);
        writer.WriteNull("destination_group"u8);
        writer.WriteNull("destination_group_obj"u8);
        writer.WriteBoolean("destination_event_user"u8, item.ToEventUser);
        writer.WriteStartArray("destination_emails"u8);
        foreach (var email in item.Emails)
        {
            writer.WriteStringValue(email);
        }

        writer.WriteEndArray();
        writer.WriteBoolean("enabled"u8, item.Enabled);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, AlertMatcher item, AlertItems items)
    {
        writer.WriteStartObject();
        WritePolicy(writer, item, items);
        writer.WriteString("action"u8, item.Action);
        writer.WriteString("client_ip"u8, item.ClientIp);
        writer.WriteString("app"u8, item.App);
        writer.WriteString("model"u8, item.Model);
        writer.WriteString("query"u8, item.Query);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, AlertBinding item, AlertItems items)
    {
        writer.WriteStartObject();
        writer.WriteString("pk"u8, item.Pk);
        writer.WriteString("policy"u8, item.Matcher);
        writer.WriteNull("group"u8);
        writer.WriteNull("user"u8);
        writer.WritePropertyName("policy_obj"u8);
        if (items.Matchers.FirstOrDefault(matcher => matcher.Pk == item.Matcher) is { } matcher)
        {
            writer.WriteStartObject();
            WritePolicy(writer, matcher, items);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteNullValue();
        }

        writer.WriteNull("group_obj"u8);
        writer.WriteNull("user_obj"u8);
        writer.WriteString("target"u8, item.Rule);
        writer.WriteBoolean("negate"u8, item.Negate);
        writer.WriteBoolean("enabled"u8, item.Enabled);
        writer.WriteNumber("order"u8, item.Order);
        writer.WriteNumber("timeout"u8, item.Timeout);
        writer.WriteBoolean("failure_result"u8, item.FailureResult);
        writer.WriteNull("expires"u8);
        writer.WriteBoolean("expiring"u8, false);
        writer.WriteEndObject();
    }

    private static void WritePolicy(Utf8JsonWriter writer, AlertMatcher item, AlertItems items)
    {
        writer.WriteString("pk"u8, item.Pk);
        writer.WriteString("name"u8, item.Name);
        writer.WriteBoolean("execution_logging"u8, item.ExecutionLogging);
        writer.WriteString("component"u8, "ak-policy-event-matcher-form");
        writer.WriteString("verbose_name"u8, "Event Matcher Policy");
        writer.WriteString("verbose_name_plural"u8, "Event Matcher Policies");
        writer.WriteString("meta_model_name"u8, "authentik_policies_event_matcher.eventmatcherpolicy");
        writer.WriteNumber("bound_to"u8, items.Bindings.Count(binding => binding.Matcher == item.Pk));
    }

    private static string Text(bool flag) => flag ? "true" : "false";
}
