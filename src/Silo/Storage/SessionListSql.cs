namespace SessionCluster.Silo.Storage;

/// <summary>The SQL of one <see cref="SessionQuery"/>. The first parameter is the present moment.</summary>
internal sealed class SessionListSql : ListSql
{
    private readonly SessionQuery _query;

    private readonly string _moment;

    public SessionListSql(SessionQuery query, long now, SqlDialect dialect)
        : base(dialect, "session", PageBounds.Offset(query.Offset))
    {
        _query = query;
        _moment = Parameter(now);

        FilterBeginning(query.Begins);

        // The most selective first.
        Filter("user_pk", query.User?.Value, "session_by_user");
        Filter("username", query.Username, "session_by_username");
        Filter("last_ip", query.LastIp, "session_by_last_ip");
        Filter("asn", query.Asn, "session_by_asn");
        FilterUserAgent(query.LastUserAgent);
        Filter("country", query.Country, "session_by_country");
        Search(query.Search, "username", "last_ip", "last_user_agent");
    }

    /// <summary>How many rows match. Unfiltered it counts all rows, which is the cheapest count there is, less those past their end, which are few.</summary>
    public override string Count => IsFiltered
        ? $"SELECT count(*) FROM session{Dialect.IndexHint(FilterIndex)} WHERE {Where}"
        : $"SELECT (SELECT count(*) FROM session) - ({Over("count(*)")})";

    /// <summary>The key of a row: on SQLite its place in the table.</summary>
    private string Key => Dialect.IsSqlite ? "rowid" : "id";

    private string OrderBy
    {
        get
        {
            var direction = _query.Descending ? "DESC" : "ASC";
            var column = _query.Order == SessionOrder.LastUserAgent ? UserAgentKey("last_user_agent") : ColumnOf(_query.Order);
            return _query.Order switch
            {
                SessionOrder.Id => $"id {direction}",
                SessionOrder.Username or SessionOrder.LastIp or SessionOrder.LastUserAgent => $"{column} {direction}, expires {direction}, id {direction}",
                _ => $"{column} {direction}, id {direction}",
            };
        }
    }

    private string Live => $"expires > {_moment}";

    private string Where => IsFiltered ? $"{Live} AND {Conditions}" : Live;

    /// <summary>The payloads of the page, in order. Rows are looked up by the keys of the page, so that skipping and sorting carry no whole rows.</summary>
    public override string Page(long matching, long? total)
    {
        var limit = PageBounds.Limit(_query.Limit);
        var driver = PageIndexHint($"session_by_{ColumnOf(_query.Order)}", limit, matching, total);

        // SQLite's index on the id holds no expiry (it has to be unique by the id alone), but those past their end are few.
        var where = Dialect.IsSqlite && !IsFiltered && _query.Order == SessionOrder.Id ? $"{Key} NOT IN ({Over(Key)})" : Where;
        var keys = $"SELECT {Key} FROM session{driver} WHERE {where} ORDER BY {OrderBy} LIMIT {limit} OFFSET {Offset}";
        return $"SELECT payload FROM session{Dialect.IndexHint(null)} WHERE {Among(Key, keys)} ORDER BY {OrderBy}";
    }

    private static string ColumnOf(SessionOrder order) => order switch
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

    private string Over(string what) => $"SELECT {what} FROM session{Dialect.IndexHint("session_by_expires")} WHERE expires <= {_moment}";

    /// <summary>An entry of PostgreSQL's indexes is too small for the longest user agents: it holds their beginning.</summary>
    private string UserAgentKey(string text) => Dialect.IsSqlite ? text : $"left({text}, 500)";

    private void FilterBeginning(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return;
        }

        var (from, to) = (Parameter(text), Parameter(text + UserListSql.Greatest));
        (string Column, string Index)[] ways = [("username", "session_by_username"), ("user_pk", "session_by_user"), ("last_ip", "session_by_last_ip")];
        Keyed(Key, string.Join(" UNION ", ways.Select(way =>
            $"SELECT {Key} FROM (SELECT {Key} FROM session{Dialect.IndexHint(way.Index)} WHERE {way.Column} >= {from} AND {way.Column} < {to} AND {Live} ORDER BY {way.Column} LIMIT {SessionQuery.MostBegins}) AS by_{way.Column}")));
    }

    private void FilterUserAgent(string? value)
    {
        if (value is null)
        {
            return;
        }

        var mark = Parameter(value);
        var same = $"last_user_agent = {mark}";
        var beginsAlike = Dialect.IsSqlite ? "" : $"{UserAgentKey("last_user_agent")} = {UserAgentKey(mark)} AND ";
        Condition(beginsAlike + same, "session_by_last_user_agent");
    }
}
