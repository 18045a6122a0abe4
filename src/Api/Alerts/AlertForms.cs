using System.Net.Mail;
using System.Security.Cryptography.X509Certificates;

namespace SessionCluster.Api.Alerts;

/// <summary>Reads the fields of transports, rules, matchers and bindings over an item that gives what is omitted.</summary>
internal static class AlertForms
{
    private const int MaxUrl = 2048;

    private const int MaxCertificates = 32 * 1024;

    private const int MaxPrefix = 100;

    /// <summary>Longest address of a mail.</summary>
    public const int MaxEmail = 254;

    public static AlertTransport Transport(ObjectReader body, AlertTransport item, bool isWhole)
    {
        body.OnlyKnows(
            "name", "mode", "webhook_url", "webhook_ca", "webhook_mapping_body", "webhook_mapping_headers", "secret", "email_subject_prefix", "email_template", "send_once",
            "pk", "mode_verbose", "signed");
        foreach (var mapping in (ReadOnlySpan<string>)["webhook_mapping_body", "webhook_mapping_headers"])
        {
            body.Require(
                !body.TryFind(mapping, out var value) || value.ValueKind == JsonValueKind.Null,
                mapping,
                "Mappings are Python programs of authentik's, which do not run here; leave this null. docs/alerts.md describes the body.");
        }

        var transport = item with
        {
            Name = body.Name(AlertNames.MaxName, item.Name, isWhole),
            Mode = (TransportMode)body.OneOf("mode", AlertNames.Modes, (int)item.Mode),
            WebhookUrl = body.Text("webhook_url", MaxUrl, item.WebhookUrl),
            WebhookCa = body.Has("webhook_ca") ? Certificates(body) : item.WebhookCa,
            Secret = body.Has("secret") ? Secret(body) : item.Secret,
            SubjectPrefix = body.Text("email_subject_prefix", MaxPrefix, item.SubjectPrefix),
            EmailTemplate = body.Text("email_template", AlertNames.MaxName, item.EmailTemplate),
            SendOnce = body.Flag("send_once", item.SendOnce),
        };
        body.Require(
            transport.Mode is not (TransportMode.Webhook or TransportMode.WebhookSlack) || SiteOptions.IsWebUrl(transport.WebhookUrl),
            "webhook_url",
            transport.WebhookUrl.Length == 0 ? ObjectReader.Required : "Must be an http or https URL without a user and a password.");
        body.Require(!transport.SubjectPrefix.Any(char.IsControl), "email_subject_prefix", "Must be one line.");
        body.Require(transport.EmailTemplate == AlertNames.EventTemplate, "email_template", $"There is one template: {AlertNames.EventTemplate}.");
        return transport;
    }

    public static AlertRule Rule(ObjectReader body, AlertRule item, bool isWhole)
    {
        body.OnlyKnows("name", "transports", "severity", "destination_group", "destination_event_user", "destination_emails", "enabled", "pk", "destination_group_obj");
        body.Require(!body.TryFind("destination_group", out var group) || group.ValueKind == JsonValueKind.Null, "destination_group", "There are no groups here; leave this null.");
        var transports = body.Has("transports")
            ? [.. Texts(body, "transports", 50).Select(text => Pk(body, "transports", text)).Distinct()]
            : item.Transports;
        var enabled = body.Flag("enabled", item.Enabled);
        // One whose transports were deleted can still be switched off.
        if (transports.IsEmpty && (enabled || isWhole || body.Has("transports")))
        {
            body.Fault("transports", "A rule needs a transport: without one it notifies nobody.");
        }

        var emails = body.Has("destination_emails") ? [.. Texts(body, "destination_emails", AlertNames.MaxEmails)] : item.Emails;
        body.Require(
            !body.Has("destination_emails") || emails.All(email => email.Length <= MaxEmail && MailAddress.TryCreate(email, out var address) && address.Address == email),
            "destination_emails",
            "Must be e-mail addresses.");
        return item with
        {
            Name = body.Name(AlertNames.MaxName, item.Name, isWhole),
            Transports = transports,
            Severity = (AlertSeverity)body.OneOf("severity", AlertNames.Severities, (int)item.Severity),
            ToEventUser = body.OptionalFlag("destination_event_user") ?? item.ToEventUser,
            Emails = emails,
            Enabled = enabled,
        };
    }

    public static AlertMatcher Matcher(ObjectReader body, AlertMatcher item, bool isWhole)
    {
        body.OnlyKnows(
            "name", "execution_logging", "action", "client_ip", "app", "model", "query",
            "pk", "component", "verbose_name", "verbose_name_plural", "meta_model_name", "bound_to");
        var matcher = item with
        {
            Name = body.Name(AlertNames.MaxName, item.Name, isWhole),
            ExecutionLogging = body.Flag("execution_logging", item.ExecutionLogging),
            Action = Known(body, "action", AlertNames.Actions, item.Action),
            ClientIp = Text(body, "client_ip", item.ClientIp),
            App = Known(body, "app", AlertNames.Apps, item.App),
            Model = Known(body, "model", AlertNames.Models, item.Model),
            Query = Text(body, "query", item.Query),
        };
        if (matcher.ClientIp is { } ip)
        {
            matcher = matcher with { ClientIp = ClientAddress.CanonicalOf(ip) ?? (IPNetwork.TryParse(ip, out var network) ? ClientAddress.Fold(network).ToString() : null) };
            body.Require(matcher.ClientIp is not null, "client_ip", "Must be an address, or a network such as 192.0.2.0/24.");
        }

        if (matcher.Query is { } query && !AlertQuery.TryParse(query, out _, out var error))
        {
            body.Fault("query", error);
        }

        return matcher;
    }

    public static AlertBinding Binding(ObjectReader body, AlertBinding item, bool isWhole)
    {
        body.OnlyKnows(
            "policy", "group", "user", "target", "negate", "enabled", "order", "timeout", "failure_result",
            "pk", "policy_obj", "group_obj", "user_obj", "expires", "expiring");
        foreach (var other in (ReadOnlySpan<string>)["group", "user"])
        {
            body.Require(!body.TryFind(other, out var value) || value.ValueKind == JsonValueKind.Null, other, "Only event matchers can be bound; leave this null and set policy.");
        }

        return item with
        {
            Rule = Reference(body, "target", item.Rule, isWhole),
            Matcher = Reference(body, "policy", item.Matcher, isWhole),
            Negate = body.Flag("negate", item.Negate),
            Enabled = body.Flag("enabled", item.Enabled),
            Order = Number(body, "order", item.Order, isWhole, int.MinValue),
            Timeout = Number(body, "timeout", item.Timeout, isRequired: false),
            FailureResult = body.Flag("failure_result", item.FailureResult),
        };
    }

    /// <summary>A text that null and an empty one switch off.</summary>
    private static string? Text(ObjectReader body, string field, string? current) =>
        !body.Has(field) ? current : body.OptionalText(field, AlertQuery.MaxLength) is { Length: > 0 } text ? text : null;

    private static string? Known(ObjectReader body, string field, ImmutableArray<string> names, string? current)
    {
        var text = Text(body, field, current);
        body.Require(text is null || names.Contains(text), field, $"No event here has \"{text}\"; use one of {string.Join(", ", names)}, or null.");
        return text;
    }

    private static Guid Reference(ObjectReader body, string field, Guid current, bool isRequired)
    {
        if (!isRequired && !body.Has(field))
        {
            return current;
        }

        var text = body.Text(field, AlertNames.MaxName);
        return text.Length > 0 || (body.TryFind(field, out var value) && value.ValueKind == JsonValueKind.String) ? Pk(body, field, text) : current;
    }

    private static Guid Pk(ObjectReader body, string field, string text)
    {
        body.Require(PathSegment.TryGuid(text, out var pk), field, $"\"{text}\" is not a UUID.");
        return pk;
    }

    private static int Number(ObjectReader body, string field, int current, bool isRequired, int least = 0)
    {
        if (!body.TryFind(field, out var value))
        {
            if (isRequired)
            {
                body.Fault(field, ObjectReader.Required);
            }

            return current;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least)
        {
            return number;
        }

        body.Fault(field, string.Create(CultureInfo.InvariantCulture, $"Must be a whole number from {least} to {int.MaxValue}."));
        return current;
    }

    private static IEnumerable<string> Texts(ObjectReader body, string field, int most)
    {
        if (!body.TryFind(field, out var value) || value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
        {
            body.Fault(field, "Must be a list of strings.");
            return [];
        }

        if (value.GetArrayLength() > most)
        {
            body.Fault(field, $"Must not hold more than {most}.");
            return [];
        }

        return value.EnumerateArray().Select(item => item.GetString()!);
    }

    private static string? Secret(ObjectReader body)
    {
        var text = body.OptionalText("secret", AlertNames.MaxName);
        body.Require(string.IsNullOrEmpty(text) || WebhookSecret.IsValid(text), "secret", "Must be whsec_ and the base64 of 24 to 64 bytes.");
        return text is { Length: > 0 } ? text : null;
    }

    private static string? Certificates(ObjectReader body)
    {
        if (body.OptionalText("webhook_ca", MaxCertificates) is not { Length: > 0 } text)
        {
            return null;
        }

        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(text);
            if (certificates.Count > 0)
            {
                return text;
            }
        }
        catch (CryptographicException)
        {
            // Told below.
        }

        body.Fault("webhook_ca", "Must be certificates in PEM, beginning with -----BEGIN CERTIFICATE-----.");
        return null;
    }
}
