namespace SessionCluster.Silo.Storage;

/// <summary>
/// The parts that the SQL of every list has: conditions with their parameters, and on SQLite the index that drives it, said
/// outright so that it does not depend on statistics: the most selective filter's; or the order's, where so many rows match that
/// walking in order finds a page sooner.
/// </summary>
internal abstract class ListSql(SqlDialect dialect, string table, long offset)
{
    /// <summary>Up to this many matching rows are read and sorted without asking how many there are in all.</summary>
    public const int FewRows = 2_000;

    private readonly List<string> _conditions = [];

    private readonly List<object?> _values = [];

    /// <summary>The parameters of every statement here, the first one first.</summary>
    public object?[] Values => [.. _values];

    /// <summary>False when every row matches.</summary>
    public bool IsFiltered => _conditions.Count > 0;

    public string Table => table;

    /// <summary>Whether a few rows are found by their keys, so that no index drives the rest.</summary>
    protected bool IsKeyed { get; private set; }

    /// <summary>Rows to skip.</summary>
    public long Offset => offset;

    /// <summary>Whether nobody wants to know how many rows match.</summary>
    public virtual bool IsUncounted => false;

    /// <summary>The statement that counts the rows that match.</summary>
    public abstract string Count { get; }

    protected SqlDialect Dialect => dialect;

    /// <summary>The index of the first filter, which is the most selective; null when there is none.</summary>
    protected string? FilterIndex { get; private set; }

    protected string Conditions => string.Join(" AND ", _conditions);

    /// <summary>Adds a parameter; its mark.</summary>
    protected string Parameter(object? value)
    {
        _values.Add(value);
        return $"{dialect.Mark}{_values.Count}";
    }

    /// <summary>The statement that reads the page, in order.</summary>
    /// <param name="matching">How many rows match.</param>
    /// <param name="total">How many rows there are; null when few match, and it does not matter.</param>
    public abstract string Page(long matching, long? total);

    protected void Filter(string column, object? value, string index)
    {
        if (value is not null)
        {
            Condition($"{column} = {Parameter(value)}", index);
        }
    }

    protected void Condition(string condition, string? index)
    {
        _conditions.Add(condition);
        FilterIndex ??= IsKeyed ? null : index;
    }

    /// <summary>Adds the condition that a row is one of a few whose keys a statement selects.</summary>
    protected void Keyed(string key, string keys)
    {
        Condition(Among(key, keys), null);
        (IsKeyed, FilterIndex) = (true, null);
    }

    /// <summary>Longest word that is searched for, in UTF-16 characters; of a longer one only this much counts.</summary>
    public const int LongestSearch = 4096;

    /// <summary>
    /// Adds the condition that each word of a text is in some column. No word drives the way to the rows: they are read as for one word, and
    /// each is looked at until it lacks one.
    /// </summary>
    protected void Search(string? text, params string[] columns)
    {
        if (string.IsNullOrEmpty(text))
        {
            return;
        }

        foreach (var word in CallerText.Words(text))
        {
            var pattern = Parameter(Containing(word));
            Condition($"({string.Join(" OR ", columns.Select(column => $"{column} {dialect.Like} {pattern} ESCAPE '\\'"))})", null);
        }
    }

    /// <summary>Whether the way to a page depends on how many rows there are in all: where the index is said, and many match.</summary>
    public virtual bool AsksTotal(long matching) => dialect.IsSqlite && IsFiltered && !IsKeyed && matching > FewRows;

    /// <summary>The condition that a key is one of those that a statement selects.</summary>
    protected string Among(string key, string keys) => dialect.IsSqlite ? $"{key} IN ({keys})" : $"{key} = ANY (ARRAY({keys}))";

    /// <summary>The clause that says which index to page by.</summary>
    /// <param name="limit">Rows shown.</param>
    /// <param name="matching">How many rows match.</param>
    /// <param name="total">How many rows there are; null when few match, and it does not matter.</param>
    /// <remarks>
    /// Walking an order's index reads about (skipped + shown) x total / matching rows; a filter's reads the matching rows and
    /// sorts them; a search without a filter reads all rows, but one after the other, which is about three times cheaper.
    /// </remarks>
    protected string PageIndexHint(string orderIndex, long limit, long matching, long? total)
    {
        var inOrder = !IsFiltered
            || (total is { } all
                && (double)(offset + limit) * all / Math.Max(matching, 1) < (FilterIndex is null ? all / 3.0 : matching));
        return dialect.IndexHint(inOrder ? orderIndex : FilterIndex);
    }

    /// <summary>The pattern of texts that contain this one, its wildcards meaning themselves; the escape character is the backslash.</summary>
    internal static string Containing(string text)
    {
        var counted = text.Length > LongestSearch ? text[..LongestSearch] : text;
        var escaped = counted
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("%", "\\%", StringComparison.Ordinal)
            .Replace("_", "\\_", StringComparison.Ordinal);
        return $"%{escaped}%";
    }
}

/// <summary>The bounds of a page, held to what the contracts allow.</summary>
internal static class PageBounds
{
    /// <summary>Most rows of a page.</summary>
    public const int Largest = 100;

    public static int Limit(int limit) => Math.Clamp(limit, 1, Largest);

    public static long Offset(int offset) => Math.Max(offset, 0);
}

/// <summary>The SQL of one <see cref="EventQuery"/>. Every index ends with the sequence number, which breaks ties.</summary>
internal sealed class EventListSql : ListSql
{
    private readonly EventQuery _query;

    public EventListSql(EventQuery query, SqlDialect dialect)
        : base(dialect, "event", PageBounds.Offset(query.Offset))
    {
        _query = query;
        Filter("session", query.Session is { } session ? dialect.Id(session.Value) : null, "event_by_session");
        if (query is { Username: "", User: { } nameless })
        {
            // The empty name is written out: only so do the databases see that the index, which has only those events, serves.
            Condition($"username = '' AND user_pk = {Parameter(nameless.Value)}", "event_by_nameless");
        }
        else
        {
            Filter("username", query.Username, "event_by_username");
        }

        Filter("client_ip", query.ClientIp, "event_by_client_ip");
        FilterActions(query);
        if (query is { User: { } user, Username: not "" })
        {
            Condition($"user_pk = {Parameter(user.Value)}", null);
        }

        if (query is { Search.Length: > 0, Newest: { } newest })
        {
            Keyed(dialect.IsSqlite ? "seq" : "pk", $"SELECT {(dialect.IsSqlite ? "seq" : "pk")} FROM event{dialect.IndexHint(FilterIndex ?? "event_by_created")}{Where} ORDER BY created DESC, seq DESC LIMIT {newest}");
        }

        Search(query.Search, "action", "username", "client_ip", "context");
        if (query.Since is { } since)
        {
            Condition($"created > {Parameter(UnixMicros.From(since))}", "event_by_created");
        }
    }

    public override bool IsUncounted => _query.MostCounted == 0;

    public override string Count => (_query.MostCounted, IsFiltered) switch
    {
        ({ } most, _) => $"SELECT count(*) FROM (SELECT 1 FROM event{Dialect.IndexHint(IsKeyed ? null : FilterIndex ?? "event_by_created")}{Where} LIMIT {most}) AS counted",
        (_, true) => $"SELECT count(*) FROM event{Dialect.IndexHint(FilterIndex)}{Where}",
        _ => "SELECT count(*) FROM event",
    };

    /// <summary>What is not counted whole is paged by the filter's index, which has its events in the order of their moment.</summary>
    public override bool AsksTotal(long matching) => _query.MostCounted is null && base.AsksTotal(matching);

    private string Where => IsFiltered ? $" WHERE {Conditions}" : "";

    public override string Page(long matching, long? total)
    {
        var direction = _query.Descending ? "DESC" : "ASC";
        var limit = PageBounds.Limit(_query.Limit);
        var driver = PageIndexHint("event_by_created", limit, matching, total);
        var orderBy = $"ORDER BY created {direction}, seq {direction}";
        var page = $"FROM event{driver}{Where} {orderBy} LIMIT {limit} OFFSET {Offset}";
        // SQLite looks the rows up by their numbers, so that skipping and sorting carry no whole rows.
        return Dialect.IsSqlite
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
