namespace SessionCluster.Api.Input;

/// <summary>How a list that is short enough to be sifted here is filtered, searched and ordered.</summary>
internal static class ListFilter
{
    /// <summary>Fields that have one of a few words: to filter by another is a fault.</summary>
    private static readonly (string Field, ImmutableArray<string> Words)[] Choices =
        [("mode", AlertNames.Modes), ("severity", AlertNames.Severities), ("network_binding", BindingNames.Network), ("geoip_binding", BindingNames.GeoIp)];

    /// <summary>Reads the query. The answer takes the items and what a search looks at in each.</summary>
    /// <param name="nouns">What the items are called.</param>
    /// <param name="fields">The fields by which lists are filtered and ordered: booleans, long numbers, UUIDs and texts.</param>
    /// <param name="blank">Any item: it shows of which type each field is.</param>
    /// <param name="texts">How texts are compared.</param>
    public static Func<IEnumerable<T>, Func<T, IEnumerable<string>>, IEnumerable<T>> Read<T>(
        QueryReader reader, FieldErrors errors, string nouns, IReadOnlyDictionary<string, Func<T, IComparable>> fields, T blank, StringComparison texts)
    {
        foreach (var (name, words) in Choices.Where(choice => fields.ContainsKey(choice.Field)))
        {
            errors.Require(reader.Text(name) is not { } word || words.Contains(word), name, $"Use one of {string.Join(", ", words)}.");
        }

        var conditions = new List<Func<T, bool>>();
        foreach (var (name, field) in fields)
        {
            if (Wanted(reader, name, field(blank)) is { } wanted)
            {
                conditions.Add(item => field(item) is string text ? text.Equals((string)wanted, texts) : field(item).Equals(wanted));
            }
        }

        var sought = reader.Text("search") is { } search ? CallerText.Words(search) : [];
        var order = reader.Order(fields.GetValueOrDefault, $"{nouns} can be ordered by {string.Join(", ", fields.Keys)}.");
        return (items, searched) => order(items.Where(item => conditions.TrueForAll(condition => condition(item))
            && Array.TrueForAll(sought, word => searched(item).Any(text => text.Contains(word, StringComparison.OrdinalIgnoreCase)))));
    }

    /// <summary>What a filter asks for, of the type that its field has; null when it is not given.</summary>
    private static IComparable? Wanted(QueryReader reader, string name, IComparable field) => field switch
    {
        bool => reader.Flag(name),
        long => reader.Number(name, NumberStyles.AllowLeadingSign),
        Guid => reader.Uuid(name),
        _ => reader.Text(name),
    };
}
