using System.Runtime.InteropServices;
using SessionCluster.Events;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// The SQL of one <see cref="EventQuery"/>, with the driving index said outright, as in <see cref="SessionListSql"/>. Every
/// index ends with the sequence number, which breaks ties.
/// </summary>
internal sealed class EventListSql
{
    private const string Columns =
        "action LIKE {0} ESCAPE '\\' OR username LIKE {0} ESCAPE '\\' OR client_ip LIKE {0} ESCAPE '\\' OR context LIKE {0} ESCAPE '\\'";

    private const string OrderIndex = "event_by_created";

    private readonly List<string> _conditions = [];

    private readonly List<object?> _values = [];

    private readonly EventQuery _query;

    private string? _filterIndex;

    public EventListSql(EventQuery query)
    {
        _query = query;
        Filter("username", query.Username, "event_by_username");
        Filter("client_ip", query.ClientIp, "event_by_client_ip");
        FilterActions(query);
        if (!string.IsNullOrEmpty(query.Search))
        {
            _values.Add(LikePattern.Containing(query.Search));
            _conditions.Add($"({Columns.Replace("{0}", $"?{_values.Count}", StringComparison.Ordinal)})");
        }
    }

    /// <summary>The parameters of every statement here, ?1 first.</summary>
    public ReadOnlySpan<object?> Values => CollectionsMarshal.AsSpan(_values);

    /// <summary>False when every event matches.</summary>
    public bool IsFiltered => _conditions.Count > 0;

    /// <summary>How many events match.</summary>
    public string Count => IsFiltered ? $"SELECT count(*) FROM event {Driver(_filterIndex)}{Where}" : "SELECT count(*) FROM event";

    private string Where => IsFiltered ? $" WHERE {string.Join(" AND ", _conditions)}" : "";

    /// <summary>The sequence numbers of the page, in order.</summary>
    /// <param name="matching">How many events match.</param>
    /// <param name="total">How many there are; null when few match, and it does not matter.</param>
    public string Page(long matching, long? total)
    {
        var direction = _query.Descending ? "DESC" : "ASC";
        var driver = WalksInOrder(matching, total) ? OrderIndex : _filterIndex;
        return $"SELECT seq FROM event {Driver(driver)}{Where} ORDER BY created {direction}, seq {direction} LIMIT {PageBounds.Limit(_query.Limit)} OFFSET {PageBounds.Offset(_query.Offset)}";
    }

    private bool WalksInOrder(long matching, long? total)
    {
        if (!IsFiltered)
        {
            return true;
        }

        if (total is not { } all)
        {
            return false;
        }

        var walked = (double)(PageBounds.Offset(_query.Offset) + PageBounds.Limit(_query.Limit)) * all / Math.Max(matching, 1);
        return walked < (_filterIndex is null ? all / 3.0 : matching);
    }

    private static string Driver(string? index) => index is null ? "NOT INDEXED" : $"INDEXED BY {index}";

    private void Filter(string column, string? value, string index)
    {
        if (value is null)
        {
            return;
        }

        _values.Add(value);
        _conditions.Add($"{column} = ?{_values.Count}");
        _filterIndex ??= index;
    }

    private void FilterActions(EventQuery query)
    {
        if (query.Actions.IsDefaultOrEmpty)
        {
            return;
        }

        var places = new List<string>();
        foreach (var action in query.Actions.Distinct(StringComparer.Ordinal).Take(PageBounds.Largest))
        {
            _values.Add(action);
            places.Add($"?{_values.Count}");
        }

        _conditions.Add($"action IN ({string.Join(", ", places)})");
        _filterIndex ??= "event_by_action";
    }
}
