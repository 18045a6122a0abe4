namespace SessionCluster.Alerts;

/// <summary>The rules of one transport, made ready to look at events: all of them are tried on one reading of an event.</summary>
internal sealed class AlertMatching
{
    private readonly List<(AlertRule Rule, Func<EventFields, bool>[] Bindings)> _rules = [];

    public AlertMatching(AlertItems items, Guid transport)
    {
        Transport = items.Transports.FirstOrDefault(known => known.Pk == transport);
        var matchers = items.Matchers.ToDictionary(matcher => matcher.Pk, Condition);
        foreach (var rule in items.RulesOf(transport))
        {
            _rules.Add((rule, [.. items.Bindings.Where(binding => binding.Enabled && binding.Rule == rule.Pk).Select(binding =>
            {
                var condition = matchers[binding.Matcher];
                return binding.Negate ? fields => !condition(fields) : condition;
            })]));
        }
    }

    /// <summary>The transport; null when it was deleted.</summary>
    public AlertTransport? Transport { get; }

    /// <summary>Whom the transport is to notify of an event, by which rule: any of a rule's bindings is enough.</summary>
    public IEnumerable<(AlertRule Rule, string? Email)> DestinationsOf(EventInfo entry)
    {
        using var fields = new EventFields(entry);
        return [.. _rules.Where(rule => Array.Exists(rule.Bindings, binding => binding(fields))).SelectMany(rule => Destinations(Transport!, rule.Rule, entry).Select(email => (rule.Rule, email)))];
    }

    /// <summary>
    /// A webhook is one destination, whoever it tells; mails go to addresses, local notifications to the event's user. A user without an
    /// address comes last: that mail can only fail, visibly, and takes no other's place.
    /// </summary>
    public static IEnumerable<string?> Destinations(AlertTransport transport, AlertRule rule, EventInfo entry)
    {
        var hasUser = rule.ToEventUser && entry.User.Id.Value.Length > 0;
        IEnumerable<string?> emails = hasUser ? rule.Emails.Prepend(entry.User.Email) : rule.Emails;
        return transport.Mode switch
        {
            TransportMode.Email => emails.OrderBy(email => email is { Length: 0 }).Distinct().Take(transport.SendOnce ? 1 : int.MaxValue),
            TransportMode.Local => hasUser ? [null] : [],
            _ => [null],
        };
    }

    private static Func<EventFields, bool> Condition(AlertMatcher matcher)
    {
        // Queries are parsed before they are stored.
        var query = matcher.Query is { } text && AlertQuery.TryParse(text, out var parsed, out _) ? parsed : null;
        var network = matcher.ClientIp is { } ip && IPNetwork.TryParse(ip, out var cidr) ? ClientAddress.Fold(cidr) : default(IPNetwork?);
        return fields =>
            (matcher.Action is null || fields.Event.Action == matcher.Action)
            && (matcher.ClientIp is null || IsFrom(fields.Event.ClientIp, matcher.ClientIp, network))
            && (matcher.App is null or "sessioncluster" || matcher.App.Replace('.', '_') == fields.ContextText("model", "app"))
            && (matcher.Model is null || matcher.Model == $"{fields.ContextText("model", "app")}.{fields.ContextText("model", "model_name")}")
            && (query is null || query(fields));
    }

    private static bool IsFrom(string? address, string wanted, IPNetwork? network) =>
        address == wanted || (network is { } cidr && ClientAddress.TryParse(address, out var parsed) && cidr.Contains(parsed));
}
