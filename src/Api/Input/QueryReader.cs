namespace SessionCluster.Api.Input;

/// <summary>Reads the query's parameters and notes what is wrong with them. Of a parameter given twice the last counts.</summary>
internal readonly struct QueryReader(IQueryCollection query, FieldErrors errors)
{
    /// <summary>Longest accepted value in characters.</summary>
    public const int MaxLength = 2048;

    private const string NoUuid = "Must be a UUID.";

    /// <summary>A text; null when absent or empty.</summary>
    public string? Text(string name)
    {
        var values = query[name];
        var text = values.Count == 0 ? null : values[^1];
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (text.Length > MaxLength)
        {
            errors.Add(name, $"Must not be longer than {MaxLength} characters.");
            return null;
        }

        return text;
    }

    /// <summary>An address in its canonical text; other text as it is, which matches none. Null when absent.</summary>
    public string? Address(string name) => Text(name) is { } text ? ClientAddress.CanonicalOf(text) ?? text : null;

    /// <summary>A UUID; null when absent.</summary>
    public Guid? Uuid(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (PathSegment.TryGuid(text, out var id))
        {
            return id;
        }

        errors.Add(name, NoUuid);
        return null;
    }

    /// <summary>The UUIDs of a repeated parameter; at most <paramref name="most"/>.</summary>
    public List<Guid> Uuids(string name, int most)
    {
        var ids = new List<Guid>();
        foreach (var text in Many(name, most))
        {
            errors.Require(PathSegment.TryGuid(text, out var id), name, NoUuid);
            ids.Add(id);
        }

        return ids;
    }

    /// <summary>A whole number, from 0 unless a sign is allowed; null when absent.</summary>
    public long? Number(string name, NumberStyles styles = NumberStyles.None)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (long.TryParse(text, styles, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        errors.Add(name, "Must be a whole number.");
        return null;
    }

    /// <summary>A boolean in the forms that authentik's client and people write; null when absent.</summary>
    public bool? Flag(string name)
    {
        switch (Text(name)?.ToUpperInvariant())
        {
            case null:
                return null;
            case "1" or "TRUE":
                return true;
            case "0" or "FALSE":
                return false;
            default:
                errors.Add(name, "Must be true or false.");
                return null;
        }
    }

    /// <summary>The values of a repeated parameter, in order, without the empty ones; at most <paramref name="most"/>.</summary>
    public List<string> Many(string name, int most)
    {
        var list = query[name].OfType<string>().Where(value => value.Length > 0).ToList();
        if (list.Count > most)
        {
            errors.Add(name, $"Must not be given more than {most} times.");
            list.Clear();
        }

        return list;
    }

    /// <summary>The order that <c>ordering</c> asks for in a list that is sifted here: by one field or several (<c>target,-order</c>), the first of which counts most.</summary>
    /// <param name="field">The field of a name, whose texts are compared by their characters; null when there is none, which is a fault.</param>
    /// <param name="fault">What is told then.</param>
    public Func<IEnumerable<T>, IEnumerable<T>> Order<T>(Func<string, Func<T, IComparable>?> field, string fault)
    {
        var orders = new List<(Func<T, IComparable> Field, bool Descends)>();
        foreach (var text in (Text("ordering") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct())
        {
            var descends = text[0] == '-';
            if (field(descends ? text[1..] : text) is { } found)
            {
                orders.Add((found, descends));
            }
            else
            {
                errors.Add("ordering", fault);
            }
        }

        // Sorting keeps the order of what is alike, so the field that counts most is sorted by last.
        orders.Reverse();
        var sizes = Comparer<IComparable>.Create((one, other) => one is string text ? string.CompareOrdinal(text, (string)other) : one.CompareTo(other));
        return items => orders.Aggregate(items, (sorted, order) => order.Descends ? sorted.OrderByDescending(order.Field, sizes) : sorted.OrderBy(order.Field, sizes));
    }

    /// <summary>The parameters that hold U+0000 as faults; null when none does.</summary>
    public static FieldErrors? FindNullCharacters(HttpRequest request)
    {
        if (!request.QueryString.HasValue || !request.QueryString.Value!.Contains("%00", StringComparison.Ordinal))
        {
            return null;
        }

        var errors = new FieldErrors();
        foreach (var (name, values) in request.Query.TakeWhile(_ => !errors.IsFull))
        {
            if (name.Contains('\0', StringComparison.Ordinal))
            {
                errors.Add(FieldErrors.NoField, "The character U+0000 is not allowed.");
            }
            else if (values.ToString().Contains('\0', StringComparison.Ordinal))
            {
                errors.Add(name, "The character U+0000 is not allowed.");
            }
        }

        return errors.Any ? errors : null;
    }
}
