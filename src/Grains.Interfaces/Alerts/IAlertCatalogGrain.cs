namespace SessionCluster.Alerts;

/// <summary>
/// All transports, rules, matchers and bindings: one grain (key <see cref="Key"/>), because they refer to each other and are few. Reads
/// interleave; a write is one conditional write of the catalog row, with the event that tells of it.
/// </summary>
[Alias("sc.alert-catalog")]
public interface IAlertCatalogGrain : IGrainWithStringKey
{
    /// <summary>The key of the one catalog.</summary>
    public const string Key = "l:alerts";

    /// <summary>Everything that is stored.</summary>
    [Alias("read"), AlwaysInterleave]
    Task<AlertItems> Read();

    /// <summary>Creates an item, or replaces the one of its kind with the same primary key.</summary>
    [Alias("save")]
    Task<AlertSaveOutcome> Save(AlertSave save);

    /// <summary>
    /// Deletes the item of this primary key. Bindings of a deleted rule or matcher go with it, and rules lose a deleted transport. False
    /// when there is none.
    /// </summary>
    [Alias("delete-item")]
    Task<bool> Delete(Guid pk, ChangedBy by);
}

/// <summary>The alerts at one moment.</summary>
/// <param name="Revision">Rises with each change.</param>
/// <param name="Transports">All transports, by name.</param>
/// <param name="Rules">All rules, by name.</param>
/// <param name="Matchers">All matchers, by name.</param>
/// <param name="Bindings">All bindings, by order.</param>
[GenerateSerializer, Immutable, Alias("sc.alert-items")]
public sealed record AlertItems(
    [property: Id(0)] long Revision,
    [property: Id(1)] ImmutableArray<AlertTransport> Transports,
    [property: Id(2)] ImmutableArray<AlertRule> Rules,
    [property: Id(3)] ImmutableArray<AlertMatcher> Matchers,
    [property: Id(4)] ImmutableArray<AlertBinding> Bindings)
{
    /// <summary>The enabled rules that deliver by a transport and have a binding that counts: only these make its events be read.</summary>
    public ImmutableArray<AlertRule> RulesOf(Guid transport) =>
        [.. Rules.Where(rule => rule.Enabled && rule.Transports.Contains(transport) && Bindings.Any(binding => binding.Enabled && binding.Rule == rule.Pk))];
}

/// <summary>An item to be stored; one of the first four is set.</summary>
/// <param name="Transport">A whole transport.</param>
/// <param name="Rule">A whole rule.</param>
/// <param name="Matcher">A whole matcher.</param>
/// <param name="Binding">A whole binding.</param>
/// <param name="BasedOn">The revision of the alerts that it is based on, so that what others have changed meanwhile is not undone; null to create one.</param>
/// <param name="By">Who asked, for the event.</param>
[GenerateSerializer, Immutable, Alias("sc.alert-save")]
public sealed record AlertSave(
    [property: Id(0)] AlertTransport? Transport,
    [property: Id(1)] AlertRule? Rule,
    [property: Id(2)] AlertMatcher? Matcher,
    [property: Id(3)] AlertBinding? Binding,
    [property: Id(4)] long? BasedOn,
    [property: Id(5)] ChangedBy By);

/// <summary>How saving an item went.</summary>
public enum AlertSaveOutcome
{
    /// <summary>Stored.</summary>
    Saved = 0,

    /// <summary>Another of its kind has that name.</summary>
    NameTaken = 1,

    /// <summary>There is none of that primary key to replace.</summary>
    NotFound = 2,

    /// <summary>There are as many of its kind as can be.</summary>
    TooMany = 3,

    /// <summary>A rule names a transport that does not exist.</summary>
    NoSuchTransport = 4,

    /// <summary>A binding names a rule that does not exist.</summary>
    NoSuchRule = 5,

    /// <summary>A binding names a matcher that does not exist.</summary>
    NoSuchMatcher = 6,

    /// <summary>A mail is to be sent, and no mail server is configured.</summary>
    NoMailServer = 7,

    /// <summary>The matcher is bound to the rule with that order already.</summary>
    BoundAlready = 8,

    /// <summary>All transports of a rule that is switched on need, or would need, a person to notify, and it names none.</summary>
    NobodyToNotify = 9,

    /// <summary>The alerts are others than the item was made of: read them and make the change again.</summary>
    Changed = 10,
}
