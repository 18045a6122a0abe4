using SessionCluster.Events;

namespace SessionCluster.Silo.Storage;

/// <summary>The SQL of one <see cref="EventQuery"/>. Every index ends with the sequence number, which breaks ties.</summary>
internal sealed class EventListSql : ListSql
{
    private readonly EventQuery _query;

    public EventListSql(EventQuery query, SqlDialect dialect)
        : base(dialect)
    {
        _query = query;
        Filter("username", query.Username, "event_by_username");
        Filter("client_ip", query.ClientIp, "event_by_client_ip");
        FilterActions(query);
        Search(query.Search, "action", "username", "client_ip", "context");
    }

    /// <summary>How many events match.</summary>
    public string Count => IsFiltered
        ? $"SELECT count(*) FROM event{Dialect.Driver(FilterIndex)}{Where}"
        : "SELECT count(*) FROM event";

    private string Where => IsFiltered ? $" WHERE {Conditions}" : "";

    /// <summary>The events of the page, in order.</summary>
    /// <param name="matching">How many events match.</param>
    /// <param name="total">How many there are; null when few match, and it does not matter.</param>
    public string Page(long matching, long? total)
    {
        var direction = _query.Descending ? "DESC" : "ASC";
        var (offset, limit) = (PageBounds.Offset(_query.Offset), PageBounds.Limit(_query.Limit));
        var driver = Driver("event_by_created", offset, limit, matching, total);
        var orderBy = $"ORDER BY created {direction}, seq {direction}";
        var page = $"FROM event{driver}{Where} {orderBy} LIMIT {limit} OFFSET {offset}";
        // SQLite looks the rows up by their numbers, so that skipping and sorting carry no whole rows.
        return Dialect.SaysIndex
            ? $"SELECT {EventRows.Columns} FROM event NOT INDEXED WHERE {Among("seq", $"SELECT seq {page}")} {orderBy}"
            : $"SELECT {EventRows.Columns} {page}";
    }

    private void FilterActions(EventQuery query)
    {
        if (!query.Actions.IsDefaultOrEmpty)
        {
            var actions = query.Actions.Distinct(StringComparer.Ordinal).Take(PageBounds.Largest).Select(Parameter);
            Condition($"action IN ({string.Join(", ", actions)})", "event_by_action");
        }
    }
}
