using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace SessionCluster.Alerts;

/// <summary>A condition on events, in the part of authentik's query language that docs/alerts.md describes.</summary>
public static class AlertQuery
{
    /// <summary>Longest text in characters.</summary>
    public const int MaxLength = 2048;

    /// <summary>Deepest nesting of brackets and <c>not</c>.</summary>
    public const int MaxDepth = 32;

    /// <summary>Reads a query.</summary>
    /// <param name="text">The query.</param>
    /// <param name="query">Whether an event fits; null when the query is faulty.</param>
    /// <param name="error">What is wrong and at which character, counted from 1.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out Func<EventFields, bool>? query, [NotNullWhen(false)] out string? error)
    {
        (query, error) = text.Length > MaxLength
            ? (null, $"Must not be longer than {MaxLength} characters.")
            : AlertQueryParser.Parse(text);
        return query is not null;
    }
}

/// <summary>What a field of an event holds, or what a query compares it with. A member that is missing is None.</summary>
internal readonly record struct QueryValue(object? Value)
{
    public static readonly QueryValue None = new(null);

    /// <summary>Equal in kind and value; texts by their characters, case included.</summary>
    public bool Is(QueryValue other) => Equals(Value, other.Value);

    /// <summary>Less than, equal to or greater than another of the same kind; null where there is no order: texts by their characters, numbers by value.</summary>
    public int? Compare(QueryValue other) => (Value, other.Value) switch
    {
        (double one, double two) => one.CompareTo(two),
        (string one, string two) => string.CompareOrdinal(one, two),
        _ => null,
    };

    /// <summary>A text as it is, anything else as it is written; null for None.</summary>
    public string? Text => Value switch
    {
        string text => text,
        double number => number.ToString(CultureInfo.InvariantCulture),
        bool flag => flag ? "true" : "false",
        JsonElement json => json.GetRawText(),
        _ => null,
    };
}
