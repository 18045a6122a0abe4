using SessionCluster.Sessions;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// The SQL of one <see cref="SessionQuery"/>. Which index drives it is said outright, so that it does not depend on statistics:
/// the most selective filter's; or the order's, where so many rows match that walking in order finds a page sooner.
/// Parameter ?1 is the present moment.
/// </summary>
internal sealed class SessionListSql
{
    /// <summary>Up to so many matching rows are read and sorted without asking how many there are in all.</summary>
    public const int FewRows = 2_000;

    // The index on the id holds no expiry (it has to be unique by the id alone), but those past their end are few.
    private const string LiveByExclusion =
        "rowid NOT IN (SELECT rowid FROM session INDEXED BY session_by_expires WHERE expires <= ?1)";

    private const string Columns = "username LIKE {0} ESCAPE '\\' OR last_ip LIKE {0} ESCAPE '\\' OR last_user_agent LIKE {0} ESCAPE '\\'";

    private readonly List<string> _conditions = [];

    private readonly List<object?> _values;

    private readonly SessionQuery _query;

    private string? _filterIndex;

    public SessionListSql(SessionQuery query, long now)
    {
        _query = query;
        _values = [now];

        // The most selective first.
        Filter("user_pk", query.User?.Value, "session_by_user");
        Filter("username", query.Username, "session_by_username");
        Filter("last_ip", query.LastIp, "session_by_last_ip");
        Filter("asn", query.Asn, "session_by_asn");
        Filter("last_user_agent", query.LastUserAgent, "session_by_last_user_agent");
        Filter("country", query.Country, "session_by_country");
        if (!string.IsNullOrEmpty(query.Search))
        {
            _values.Add(LikePattern.Containing(query.Search));
            _conditions.Add($"({Columns.Replace("{0}", $"?{_values.Count}", StringComparison.Ordinal)})");
        }
    }

    /// <summary>The parameters of every statement here, ?1 first.</summary>
    public ReadOnlySpan<object?> Values => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_values);

    /// <summary>False when every live row matches.</summary>
    public bool IsFiltered => _conditions.Count > 0;

    /// <summary>How many rows match. Unfiltered it counts all rows, which SQLite does by pages, less those past their end, which are few.</summary>
    public string Count => IsFiltered
        ? $"SELECT count(*) FROM session {Driver(_filterIndex)} WHERE {Where}"
        : "SELECT (SELECT count(*) FROM session) - (SELECT count(*) FROM session INDEXED BY session_by_expires WHERE expires <= ?1)";

    private string Where => IsFiltered ? $"expires > ?1 AND {string.Join(" AND ", _conditions)}" : "expires > ?1";

    /// <summary>The rowids of the page, in order.</summary>
    /// <param name="matching">How many rows match.</param>
    /// <param name="total">How many rows there are; null when few match, and it does not matter.</param>
    public string Page(long matching, long? total)
    {
        var driver = WalksInOrder(matching, total) ? OrderIndex(_query.Order) : _filterIndex;
        var where = !IsFiltered && _query.Order == SessionOrder.Id ? LiveByExclusion : Where;
        return $"SELECT rowid FROM session {Driver(driver)} WHERE {where} ORDER BY {OrderBy} LIMIT {PageBounds.Limit(_query.Limit)} OFFSET {PageBounds.Offset(_query.Offset)}";
    }

    private string OrderBy
    {
        get
        {
            var direction = _query.Descending ? "DESC" : "ASC";
            var column = OrderColumn(_query.Order);
            return column == "id" ? $"id {direction}" : $"{column} {direction}, id {direction}";
        }
    }

    /// <summary>
    /// Walking an order's index reads about (skipped + shown) x total / matching rows; a filter's reads the matching rows and
    /// sorts them; a search without a filter reads all rows, but one after the other, which is about three times cheaper.
    /// </summary>
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

    private static string OrderColumn(SessionOrder order) => order switch
    {
        SessionOrder.Created => "created",
        SessionOrder.Expires => "expires",
        SessionOrder.LastUsed => "last_used",
        SessionOrder.LastIp => "last_ip",
        SessionOrder.LastUserAgent => "last_user_agent",
        SessionOrder.Username => "username",
        SessionOrder.Id => "id",
        _ => throw new ArgumentOutOfRangeException(nameof(order), order, "No such order."),
    };

    private static string OrderIndex(SessionOrder order) => $"session_by_{OrderColumn(order)}";

    private void Filter(string column, object? value, string index)
    {
        if (value is null)
        {
            return;
        }

        _values.Add(value);
        _conditions.Add($"{column} = ?{_values.Count}");
        _filterIndex ??= index;
    }
}
