using System.Runtime.InteropServices;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// The parts that the SQL of every list has: conditions with their parameters, and on SQLite the index that drives it, said
/// outright so that it does not depend on statistics: the most selective filter's; or the order's, where so many rows match that
/// walking in order finds a page sooner.
/// </summary>
internal abstract class ListSql(SqlDialect dialect)
{
    /// <summary>Up to so many matching rows are read and sorted without asking how many there are in all.</summary>
    public const int FewRows = 2_000;

    private readonly List<string> _conditions = [];

    private readonly List<object?> _values = [];

    /// <summary>The parameters of every statement here, the first one first.</summary>
    public ReadOnlySpan<object?> Values => CollectionsMarshal.AsSpan(_values);

    /// <summary>False when every row matches.</summary>
    public bool IsFiltered => _conditions.Count > 0;

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
        FilterIndex ??= index;
    }

    protected void Search(string? text, params ReadOnlySpan<string> columns)
    {
        if (string.IsNullOrEmpty(text))
        {
            return;
        }

        var pattern = Parameter(LikePattern.Containing(text));
        var places = new List<string>();
        foreach (var column in columns)
        {
            places.Add($"{column} {dialect.Like} {pattern} ESCAPE '\\'");
        }

        Condition($"({string.Join(" OR ", places)})", null);
    }

    /// <summary>The clause that says which index to page by.</summary>
    /// <param name="orderIndex">The index of the order.</param>
    /// <param name="offset">Rows skipped.</param>
    /// <param name="limit">Rows shown.</param>
    /// <param name="matching">How many rows match.</param>
    /// <param name="total">How many rows there are; null when few match, and it does not matter.</param>
    /// <remarks>
    /// Walking an order's index reads about (skipped + shown) x total / matching rows; a filter's reads the matching rows and
    /// sorts them; a search without a filter reads all rows, but one after the other, which is about three times cheaper.
    /// </remarks>
    protected string Driver(string orderIndex, long offset, long limit, long matching, long? total)
    {
        var inOrder = !IsFiltered
            || (total is { } all
                && (double)(offset + limit) * all / Math.Max(matching, 1) < (FilterIndex is null ? all / 3.0 : matching));
        return dialect.Driver(inOrder ? orderIndex : FilterIndex);
    }
}
