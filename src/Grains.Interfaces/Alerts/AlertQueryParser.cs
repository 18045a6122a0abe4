namespace SessionCluster.Alerts;

/// <summary>Reads queries by recursive descent: <c>or</c> binds least, then <c>and</c>, then <c>not</c>.</summary>
internal sealed class AlertQueryParser
{
    private readonly List<QueryToken> _tokens;

    private int _at;

    private int _depth;

    private AlertQueryParser(List<QueryToken> tokens) => _tokens = tokens;

    private QueryToken Next => _tokens[_at];

    public static (Func<EventFields, bool>? Query, string? Error) Parse(string text)
    {
        try
        {
            var parser = new AlertQueryParser(QueryToken.Read(text));
            var condition = parser.Or();
            return parser.Next.Kind == QueryTokenKind.End ? (condition, null) : throw parser.Expected("and, or, or the end");
        }
        catch (QueryFault fault)
        {
            return (null, fault.Message);
        }
    }

    private Func<EventFields, bool> Or()
    {
        var left = And();
        while (Take("or"))
        {
            var (one, two) = (left, And());
            left = fields => one(fields) || two(fields);
        }

        return left;
    }

    private Func<EventFields, bool> And()
    {
        var left = Not();
        while (Take("and"))
        {
            var (one, two) = (left, Not());
            left = fields => one(fields) && two(fields);
        }

        return left;
    }

    private Func<EventFields, bool> Not()
    {
        if (++_depth > AlertQuery.MaxDepth)
        {
            throw new QueryFault(Next.Place, $"is nested more than {AlertQuery.MaxDepth} deep");
        }

        Func<EventFields, bool> condition;
        if (Take("not"))
        {
            var inner = Not();
            condition = fields => !inner(fields);
        }
        else if (Take("("))
        {
            condition = Or();
            Need(")");
        }
        else
        {
            condition = Comparison();
        }

        _depth--;
        return condition;
    }

    private Func<EventFields, bool> Comparison()
    {
        var path = Field();
        var isNegated = Take("not");
        var place = Next.Place;
        var name = Next.Kind is QueryTokenKind.Word or QueryTokenKind.Symbol ? Next.Text : "";
        if (isNegated && name is not ("in" or "startswith" or "endswith"))
        {
            throw Expected("in, startswith or endswith");
        }

        if (name is not ("=" or "!=" or ">" or "<" or ">=" or "<=" or "~" or "!~" or "in" or "startswith" or "endswith"))
        {
            throw Expected("one of = != > < >= <= ~ !~ in startswith endswith");
        }

        _at++;
        // Of a moment that is compared as a whole authentik's forms are understood; else a part of its text is looked for.
        var isMoment = path is ["created"] && name is not ("~" or "!~" or "startswith" or "endswith");
        var test = name == "in" ? OneOf(path, isMoment) : Test(name, Value(path, isMoment), place);
        return isNegated ? fields => !test(fields.Read(path)) : fields => test(fields.Read(path));
    }

    private static Func<QueryValue, bool> Test(string name, QueryValue value, int place)
    {
        var text = value.Value as string;
        if (text is null && name is ("~" or "!~" or "startswith" or "endswith"))
        {
            throw new QueryFault(place, $"{name} compares with a text");
        }

        if (value.Value is not (string or double) && name is (">" or "<" or ">=" or "<="))
        {
            throw new QueryFault(place, $"{name} compares with a text or a number");
        }

        return name switch
        {
            "=" => field => field.Is(value),
            "!=" => field => !field.Is(value),
            ">" => field => field.Compare(value) > 0,
            "<" => field => field.Compare(value) < 0,
            ">=" => field => field.Compare(value) >= 0,
            "<=" => field => field.Compare(value) <= 0,
            "~" => field => field.Text?.Contains(text!, StringComparison.OrdinalIgnoreCase) == true,
            "!~" => field => field.Text?.Contains(text!, StringComparison.OrdinalIgnoreCase) != true,
            "startswith" => field => field.Text?.StartsWith(text!, StringComparison.OrdinalIgnoreCase) == true,
            _ => field => field.Text?.EndsWith(text!, StringComparison.OrdinalIgnoreCase) == true,
        };
    }

    private Func<QueryValue, bool> OneOf(string[] path, bool isMoment)
    {
        var close = Take("(") ? ")" : Take("[") ? "]" : throw Expected("a list, such as (\"a\", \"b\")");
        var values = new List<QueryValue> { Value(path, isMoment) };
        while (Take(","))
        {
            values.Add(Value(path, isMoment));
        }

        Need(close);
        return field => values.Exists(value => field.Is(value));
    }

    private string[] Field()
    {
        if (Next is not { Kind: QueryTokenKind.Word } word || word.Text is "and" or "or" or "in" or "True" or "False" or "None")
        {
            throw Expected("a field, such as action or context.auth_method");
        }

        var path = word.Text.Split('.');
        var fault = path switch
        {
            _ when path.Contains("") => "a name is missing beside a dot",
            [var root, ..] when !EventFields.Roots.Contains(root) => Unknown(root, EventFields.Roots),
            ["context"] => "name a member, such as context.auth_method",
            ["brand" or "context", ..] => null,
            ["user"] => "compare user.pk, user.username or user.email",
            ["user", var member] => EventFields.UserMembers.Contains(member) ? null : Unknown(member, EventFields.UserMembers),
            [var root, _, ..] => $"{root} has no members",
            _ => null,
        };
        if (fault is not null)
        {
            throw new QueryFault(word.Place, fault);
        }

        _at++;
        return path;
    }

    private static string Unknown(string name, string[] known) =>
        $"there is no field {name}{(NearestName.Of(name, known) is { } meant ? $", did you mean {meant}" : $", there are {string.Join(", ", known)}")}";

    private QueryValue Value(string[] path, bool isMoment)
    {
        // A user's key is a text, which the API shows as a number where it can.
        var asText = path is ["user", "pk"];
        var token = Next;
        var value = token switch
        {
            { Kind: QueryTokenKind.Text } when isMoment => new QueryValue(EventFields.MomentOf(token.Text)),
            { Kind: QueryTokenKind.Text or QueryTokenKind.Number } when asText || token.Kind == QueryTokenKind.Text => new QueryValue(token.Text),
            { Kind: QueryTokenKind.Number } when !asText => new QueryValue(double.Parse(token.Text, CultureInfo.InvariantCulture)),
            { Kind: QueryTokenKind.Word, Text: "True" } => new QueryValue(true),
            { Kind: QueryTokenKind.Word, Text: "False" } => new QueryValue(false),
            { Kind: QueryTokenKind.Word, Text: "None" } => QueryValue.None,
            _ => throw Expected("a text in quotes, a number, True, False or None"),
        };
        _at++;
        return value;
    }

    private bool Take(string text)
    {
        var taken = Next.Kind is QueryTokenKind.Word or QueryTokenKind.Symbol && Next.Text == text;
        _at += taken ? 1 : 0;
        return taken;
    }

    private void Need(string text)
    {
        if (!Take(text))
        {
            throw Expected(text);
        }
    }

    private QueryFault Expected(string what) =>
        new(Next.Place, $"expected {what}, found {(Next.Kind == QueryTokenKind.End ? "the end" : $"\"{Next.Text}\"")}");
}
