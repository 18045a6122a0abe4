using System.Text.Json;

namespace SessionCluster.Alerts;

/// <summary>The members of an event as queries name them: those of its JSON in the API. Its context is read once, when it is first asked for.</summary>
/// <param name="entry">The event.</param>
public sealed class EventFields(EventInfo entry) : IDisposable
{
    /// <summary>What a field's name may begin with.</summary>
    internal static readonly string[] Roots = ["action", "app", "brand", "client_ip", "context", "created", "event_uuid", "pk", "user"];

    /// <summary>The members of a user.</summary>
    internal static readonly string[] UserMembers = ["pk", "email", "username"];

    private static readonly string[] MomentForms = ["yyyy-MM-dd", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss"];

    private JsonDocument? _context;

    /// <summary>The event.</summary>
    public EventInfo Event => entry;

    /// <inheritdoc/>
    public void Dispose() => _context?.Dispose();

    /// <summary>A text of the context; null when it is missing or no text.</summary>
    /// <param name="path">The members on the way, without <c>context</c>.</param>
    public string? ContextText(params ReadOnlySpan<string> path) => Find(path) is { ValueKind: JsonValueKind.String } found ? found.GetString() : null;

    /// <summary>A boolean of the context; null when it is missing or none.</summary>
    public bool? ContextFlag(params ReadOnlySpan<string> path) => Find(path) switch
    {
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => null,
    };

    /// <summary>A moment of UTC in one of authentik's forms as <c>created</c> is written, so that the two compare as texts; any other text as it is.</summary>
    internal static string MomentOf(string text) =>
        DateTime.TryParseExact(text, MomentForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment) ? Written(moment) : text;

    internal QueryValue Read(string[] path) => path switch
    {
        ["action"] => new QueryValue(entry.Action),
        ["app"] => new QueryValue("sessioncluster"),
        ["client_ip"] => new QueryValue(entry.ClientIp),
        ["created"] => new QueryValue(Written(entry.Created.UtcDateTime)),
        ["pk" or "event_uuid"] => new QueryValue(entry.Pk.ToString("D")),
        ["user", var member] => new QueryValue(UserMember(member)),
        ["context", .. var rest] => Value(Find(rest)),
        _ => QueryValue.None,
    };

    private static string Written(DateTime moment) => moment.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);

    private string? UserMember(string member) => entry.User.Id.Value.Length == 0 ? null : member switch
    {
        "pk" => entry.User.Id.Value,
        "email" => entry.User.Email,
        "username" => entry.User.Username,
        _ => null,
    };

    private JsonElement? Find(ReadOnlySpan<string> path)
    {
        _context ??= JsonDocument.Parse(entry.ContextJson);
        var at = _context.RootElement;
        foreach (var name in path)
        {
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at))
            {
                return null;
            }
        }

        return at;
    }

    private static QueryValue Value(JsonElement? found) => found switch
    {
        { ValueKind: JsonValueKind.String } text => new QueryValue(text.GetString()),
        { ValueKind: JsonValueKind.Number } number => new QueryValue(number.GetDouble()),
        { ValueKind: JsonValueKind.True } => new QueryValue(true),
        { ValueKind: JsonValueKind.False } => new QueryValue(false),
        null or { ValueKind: JsonValueKind.Null } => QueryValue.None,
        // An object or a list is something, but equals nothing that a query can write.
        var other => new QueryValue(other),
    };
}
