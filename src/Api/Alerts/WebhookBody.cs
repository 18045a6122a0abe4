namespace SessionCluster.Api.Alerts;

public static class WebhookBody
{
    /// <summary>Slack shows this many fields at most.</summary>
    private const int MaxFields = 25;

    private const int MaxTitle = 256;

    private const int MaxValue = 1024;

    /// <summary>authentik's six members, and beside them a link to the console, the whole event and the notification's id.</summary>
    public static byte[] Of(AlertNotification notification, TimeSpan eventsKept, AlertLinks links) => JsonAnswer.ToBytes((notification, eventsKept, links), static (writer, state) =>
    {
        var user = state.notification.Event.User;
        writer.WriteStartObject();
        writer.WriteString("body"u8, state.notification.Body);
        writer.WriteString("severity"u8, AlertNames.Severities[(int)state.notification.Severity]);
        writer.WriteString("user_email"u8, user.Email);
        writer.WriteString("user_username"u8, user.Username);
        writer.WriteString("event_user_email"u8, user.Email);
        writer.WriteString("event_user_username"u8, user.Username);
        WriteLink(writer, state.links.Console(state.notification.Event));
        writer.WriteString("notification"u8, state.notification.Id);
        writer.WritePropertyName("event"u8);
        EventJson.Write(writer, state.notification.Event, state.eventsKept);
        writer.WriteEndObject();
    });

    /// <summary>Slack's form: one attachment, with what of the event's context is a plain text as fields.</summary>
    public static byte[] Slack(AlertNotification notification, AlertLinks links)
    {
        var attachment = new JsonObject { ["author_name"] = "SessionCluster", ["title"] = notification.Event.Action };
        if (links.Console(notification.Event) is { } link)
        {
            attachment["title_link"] = link.Url.AbsoluteUri;
        }

        attachment["text"] = Plain(notification.Body);
        attachment["fallback"] = Plain(notification.Body);
        attachment["color"] = "#0b57d0";
        attachment["fields"] = new JsonArray([.. Fields(notification).Take(MaxFields).Select(field => new JsonObject
        {
            ["title"] = Plain(ConnectionClient.Cut(field.Title, MaxTitle)),
            ["value"] = Plain(ConnectionClient.Cut(field.Value, MaxValue)),
            ["short"] = true,
        })]);
        attachment["footer"] = $"notification {notification.Id}";
        var body = new JsonObject { ["username"] = "SessionCluster", ["attachments"] = new JsonArray(attachment) };
        return JsonAnswer.ToBytes(body, static (writer, body) => body.WriteTo(writer));
    }

    internal static void WriteLink(Utf8JsonWriter writer, (Uri Url, string Label)? link)
    {
        writer.WriteString("hyperlink"u8, link?.Url.AbsoluteUri);
        writer.WriteString("hyperlink_label"u8, link?.Label);
    }

    private static IEnumerable<(string Title, string Value)> Fields(AlertNotification notification)
    {
        yield return ("Severity", AlertNames.Severities[(int)notification.Severity]);
        if (notification.Event.User.Username.Length > 0)
        {
            yield return ("User", notification.Event.User.Username);
        }

        using var context = JsonDocument.Parse(notification.Event.ContextJson);
        foreach (var member in context.RootElement.EnumerateObject().Where(member => member.Value.ValueKind == JsonValueKind.String))
        {
            yield return (member.Name, member.Value.GetString()!);
        }
    }

    // To Slack these three begin what is not text, such as links, and anybody chooses their own name.
    private static string Plain(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}
