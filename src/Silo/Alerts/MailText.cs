using SessionCluster.Api.Pages.Words;

namespace SessionCluster.Silo.Alerts;

/// <summary>The words of mails, as a text and as HTML of the same content. All that comes from a caller is encoded.</summary>
internal sealed class MailText(MailLinks? links)
{
    /// <summary>The subject and both parts of the mail for a notification.</summary>
    public (string Subject, string Plain, string Html) Of(AlertNotification notification)
    {
        // Operators, who have addresses of their own in rules, hear all of it.
        var entry = notification.Email == notification.Event.User.Email ? notification.Event.ForItsUser() : notification.Event;
        using var fields = new EventFields(entry);
        var isLogin = notification.Event.Action == EventActions.Login;
        var isNewDevice = isLogin && fields.ContextFlag("auth_method_args", "known_device") == false;
        var name = notification.Event.User.Name.Length > 0 ? notification.Event.User.Name : notification.Event.User.Username;
        var subject = isNewDevice ? "Login from a new device" : notification.Body;
        var lead = isNewDevice ? "Somebody logged in to your account from a device that we do not know." : notification.Body;
        var facts = Facts(entry, fields).ToList();
        var plain = new StringBuilder();
        plain.Append(name.Length > 0 && isNewDevice ? $"Hello {OneLine(CallerText.Isolated(name))},\n\n" : "").Append(OneLine(lead)).Append("\n\n");
        facts.ForEach(fact => plain.Append(CultureInfo.InvariantCulture, $"{fact.Name}: {OneLine(CallerText.Isolated(fact.Value))}\n"));
        var html = new StringBuilder();
        foreach (var (fact, value) in facts)
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><th align=\"left\" style=\"padding:2px 16px 2px 0\">{fact}</th><td><bdi>{Encode(value)}</bdi></td></tr>\n");
        }

        var more = new StringBuilder();
        foreach (var (words, url) in Links(notification.Event, isLogin))
        {
            plain.Append(CultureInfo.InvariantCulture, $"\n{words}:\n{url}\n");
            more.Append(CultureInfo.InvariantCulture, $"<p><a href=\"{Encode(url.AbsoluteUri)}\">{words}</a></p>\n");
        }

        return (OneLine(subject), plain.ToString(), $"""
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><title>{Encode(subject)}</title></head>
            <body style="font:16px/1.5 system-ui,sans-serif">
            {(name.Length > 0 && isNewDevice ? $"<p>Hello <bdi>{Encode(name)}</bdi>,</p>" : "")}
            <p>{Encode(lead)}</p>
            <table>
            {html}</table>
            {more}</body>
            </html>
            """);
    }

    /// <summary>A text without control characters: a line break would begin another header.</summary>
    public static string OneLine(string text) => string.Concat(text.Select(character => char.IsControl(character) ? ' ' : character));

    private static IEnumerable<(string Name, string Value)> Facts(EventInfo entry, EventFields fields)
    {
        yield return ("When", entry.Created.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture));
        if (fields.ContextText("http_request", "user_agent") is { Length: > 0 } agent)
        {
            yield return ("Browser", DeviceWords.Of(agent).Name);
        }

        if (Place(fields) is { Length: > 0 } place)
        {
            yield return ("Place", place);
        }

        if (entry.ClientIp is not null)
        {
            yield return ("Address", entry.ClientIp);
        }

        if (entry.User.Username.Length > 0)
        {
            yield return ("Account", entry.User.Username);
        }
    }

    private static string Place(EventFields fields) =>
        string.Join(", ", new[] { fields.ContextText("geo", "city"), fields.ContextText("geo", "country") }.Where(part => part is { Length: > 0 }));

    private IEnumerable<(string Words, Uri Url)> Links(EventInfo entry, bool isLogin)
    {
        if (links is not { HasPublicUrl: true } || !isLogin)
        {
            yield break;
        }

        yield return ("See your sessions and devices", links.Sessions);
        yield return ("This was not me: end all sessions (for 24 hours after the login)", links.For(entry.Pk));
    }

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
