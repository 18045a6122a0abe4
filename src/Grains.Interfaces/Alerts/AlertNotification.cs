namespace SessionCluster.Alerts;

/// <summary>What a transport is to deliver.</summary>
/// <param name="Id">The notification's id, by which receivers drop doubles.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="Body">What happened, in a sentence.</param>
/// <param name="Event">The event.</param>
/// <param name="Email">Where a mail goes; null for other modes.</param>
public sealed record AlertNotification(Guid Id, AlertSeverity Severity, string Body, EventInfo Event, string? Email) : Sensitive
{
    /// <summary>The id of the notification of an event by a rule to a destination through a transport: the same whenever it is made.</summary>
    public static Guid IdOf(Guid transport, Guid rule, Guid entry, string? email)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{transport:N}{rule:N}{entry:N}{email}"));
        // Version 8 of RFC 9562: a UUID of one's own making.
        (hash[6], hash[8]) = ((byte)((hash[6] & 0x0F) | 0x80), (byte)((hash[8] & 0x3F) | 0x80));
        return new Guid(hash.AsSpan(0, 16), bigEndian: true);
    }

    /// <summary>An event in a sentence.</summary>
    public static string BodyOf(EventInfo entry)
    {
        using var fields = new EventFields(entry);
        var who = CallerText.Isolated(entry.User.Username.Length > 0 ? entry.User.Username : entry.User.Id.Value);
        var from = entry.ClientIp is null ? "" : $" from {entry.ClientIp}";
        return entry.Action switch
        {
            EventActions.Login when fields.ContextFlag("auth_method_args", "known_device") == false => $"{who} logged in{from} on an unknown device.",
            EventActions.Login => $"{who} logged in{from}.",
            EventActions.Logout => $"A session of {who} ended: {CallerText.Isolated(fields.ContextText("logout_reason") ?? "")}.",
            _ => $"{entry.Action.Replace('_', ' ')}: {fields.ContextText("model", "model_name")} {CallerText.Isolated(fields.ContextText("model", "name") ?? "")}".TrimEnd() + ".",
        };
    }
}
