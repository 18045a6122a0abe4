namespace SessionCluster.Alerts;

/// <summary>
/// The transports, rules, matchers and bindings at one moment, and what saving or deleting one makes of them. Immutable: a change is a new
/// catalog, which holds only once it is stored.
/// </summary>
internal sealed class AlertCatalog(AlertItems items)
{
    /// <summary>Most transports: each in use reads the event log.</summary>
    public const int MaxTransports = 50;

    /// <summary>Most rules, and most matchers.</summary>
    public const int MaxRules = 200;

    public const int MaxBindings = 1000;

    private static readonly AlertTransport MailTransport =
        new(Pk(1), "default-email-transport", TransportMode.Email, "", null, null, "SessionCluster: ", AlertNames.EventTemplate, false);

    private static readonly AlertTransport LocalTransport = MailTransport with { Pk = Pk(2), Name = "default-local-transport", Mode = TransportMode.Local };

    private static readonly AlertRule UnknownDevice = new(Pk(3), "default-notify-unknown-device", [Pk(1)], AlertSeverity.Warning, true, [], false);

    private static readonly AlertMatcher UnknownDeviceMatcher =
        new(Pk(5), "default-match-unknown-device", false, EventActions.Login, null, null, null, "context.auth_method_args.known_device = False");

    private static readonly AlertBinding FirstBinding = new(Pk(7), Pk(3), Pk(5), false, true, 0, 30, false);

    /// <summary>What exists from the start. The first change stores it like anything else, so that it can be changed and deleted for good.</summary>
    private static readonly AlertItems Defaults = new(
        0,
        [MailTransport, LocalTransport],
        [
            UnknownDevice with { Pk = Pk(4), Name = "default-notify-binding-broken" },
            UnknownDevice,
        ],
        [
            UnknownDeviceMatcher with { Pk = Pk(6), Name = "default-match-binding-broken", Action = EventActions.Logout, Query = "context.binding.reason != None" },
            UnknownDeviceMatcher,
        ],
        [FirstBinding, FirstBinding with { Pk = Pk(8), Rule = Pk(4), Matcher = Pk(6) }]);

    public AlertItems Items => items;

    public static AlertCatalog Of(AlertCatalogV1 row, bool stored) =>
        new(stored ? row.Items! : Defaults);

    public AlertCatalogV1 ToRow() => new() { Items = items };

    /// <summary>The item of a primary key, of whatever kind; null when there is none.</summary>
    public object? Find(Guid pk) =>
        items.Transports.FirstOrDefault(item => item.Pk == pk)
        ?? items.Rules.FirstOrDefault(item => item.Pk == pk)
        ?? items.Matchers.FirstOrDefault(item => item.Pk == pk)
        ?? (object?)items.Bindings.FirstOrDefault(item => item.Pk == pk);

    /// <summary>Creates or replaces an item. Creating one that is there replaces it, so that a repeat after an unknown outcome is safe.</summary>
    /// <param name="hasMail">Whether mails can be sent.</param>
    public (AlertSaveOutcome Outcome, AlertCatalog? Next) Save(AlertSave save, bool hasMail)
    {
        if (save.BasedOn is { } revision && revision != items.Revision)
        {
            return (AlertSaveOutcome.Changed, null);
        }

        if (Fault(save, hasMail) is { } fault)
        {
            return (fault, null);
        }

        var next = items with { Revision = items.Revision + 1 };
        return save switch
        {
            { Transport: { } item } => Put(items.Transports, item, i => i.Pk, i => i.Name, MaxTransports, all => next with { Transports = all }),
            { Rule: { } item } => Put(items.Rules, item, i => i.Pk, i => i.Name, MaxRules, all => next with { Rules = all }),
            { Matcher: { } item } => Put(items.Matchers, item, i => i.Pk, i => i.Name, MaxRules, all => next with { Matchers = all }),
            { Binding: { } item } => Put(items.Bindings, item, i => i.Pk, null, MaxBindings, all => next with { Bindings = [.. all.OrderBy(i => i.Order).ThenBy(i => i.Pk)] }),
            _ => (AlertSaveOutcome.NotFound, null),
        };

        (AlertSaveOutcome, AlertCatalog?) Put<T>(
            ImmutableArray<T> before, T item, Func<T, Guid> pk, Func<T, string>? name, int most, Func<ImmutableArray<T>, AlertItems> with)
        {
            var others = before.Where(other => pk(other) != pk(item)).ToArray();
            if (others.Length == before.Length && save.BasedOn is not null)
            {
                return (AlertSaveOutcome.NotFound, null);
            }

            if (name is not null && others.Any(other => name(other) == name(item)))
            {
                return (AlertSaveOutcome.NameTaken, null);
            }

            IEnumerable<T> all = [.. others, item];
            return others.Length >= most
                ? (AlertSaveOutcome.TooMany, null)
                : (AlertSaveOutcome.Saved, new AlertCatalog(with([.. name is null ? all : all.OrderBy(name, StringComparer.Ordinal)])));
        }
    }

    /// <summary>Deletes an item and what hangs on it.</summary>
    public (bool Deleted, AlertCatalog? Next) Delete(Guid pk) => Find(pk) is null
        ? (false, null)
        : (true, new AlertCatalog(new AlertItems(
            items.Revision + 1,
            [.. items.Transports.Where(item => item.Pk != pk)],
            [.. items.Rules.Where(item => item.Pk != pk).Select(rule => rule.Transports.Contains(pk) ? rule with { Transports = rule.Transports.Remove(pk) } : rule)],
            [.. items.Matchers.Where(item => item.Pk != pk)],
            [.. items.Bindings.Where(item => item.Pk != pk && item.Rule != pk && item.Matcher != pk)])));

    private AlertSaveOutcome? Fault(AlertSave save, bool hasMail) => save switch
    {
        { Transport.Mode: TransportMode.Email } when !hasMail => AlertSaveOutcome.NoMailServer,
        { Transport: { } transport } => Fault(transport),
        { Rule: { } rule } => Fault(rule, hasMail),
        { Binding: { } binding } => Fault(binding),
        _ => null,
    };

    private AlertSaveOutcome? Fault(AlertRule rule, bool hasMail)
    {
        var transports = items.Transports.Where(transport => rule.Transports.Contains(transport.Pk)).ToArray();
        return transports.Length < rule.Transports.Distinct().Count() ? AlertSaveOutcome.NoSuchTransport
            : rule.Enabled && !hasMail && transports.Any(transport => transport.Mode == TransportMode.Email) ? AlertSaveOutcome.NoMailServer
            : rule.Enabled && NotifiesNobody(rule, items.Transports) ? AlertSaveOutcome.NobodyToNotify
            : null;
    }

    /// <summary>A transport may not leave a rule that is switched on with nobody to notify.</summary>
    private AlertSaveOutcome? Fault(AlertTransport transport)
    {
        AlertTransport[] next = [.. items.Transports.Where(other => other.Pk != transport.Pk), transport];
        return items.Rules.Any(rule => rule.Enabled && NotifiesNobody(rule, next) && !NotifiesNobody(rule, items.Transports)) ? AlertSaveOutcome.NobodyToNotify : null;
    }

    /// <summary>Whether all transports of a rule need a person to notify, and it names none.</summary>
    private static bool NotifiesNobody(AlertRule rule, IEnumerable<AlertTransport> all)
    {
        var transports = all.Where(transport => rule.Transports.Contains(transport.Pk)).ToArray();
        return !rule.ToEventUser && transports.Length > 0
            && transports.All(transport => transport.Mode == TransportMode.Local || (transport.Mode == TransportMode.Email && rule.Emails.IsEmpty));
    }

    private AlertSaveOutcome? Fault(AlertBinding binding) =>
        items.Rules.All(rule => rule.Pk != binding.Rule) ? AlertSaveOutcome.NoSuchRule
        : items.Matchers.All(matcher => matcher.Pk != binding.Matcher) ? AlertSaveOutcome.NoSuchMatcher
        : items.Bindings.Any(other => other.Pk != binding.Pk && (other.Rule, other.Matcher, other.Order) == (binding.Rule, binding.Matcher, binding.Order))
            ? AlertSaveOutcome.BoundAlready
        : null;

    private static Guid Pk(int number) => new($"a1e47000-0de0-4a57-8001-{number:x12}");
}

public sealed record AlertCatalogV1 : ICatalogRow
{
    /// <summary>The state name that the catalog grain stores under.</summary>
    public const string StateName = "alerts";

    public int Schema { get; init => field = StateJson.KnownSchema(value); } = 1;

    public AlertItems? Items { get; init; }

    /// <inheritdoc/>
    public EventInfo? Event { get; init; }
}
