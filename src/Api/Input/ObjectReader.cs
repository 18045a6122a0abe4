namespace SessionCluster.Api.Input;

/// <summary>
/// Reads the members of a JSON object and notes what is wrong with them; a faulty member reads as its fallback, so that one
/// answer can name all faults.
/// </summary>
internal readonly struct ObjectReader(JsonElement element, string prefix, FieldErrors errors)
{
    /// <summary>Said of a member that must be there.</summary>
    public const string Required = "This field is required.";

    private const int MaxWord = 255;

    private const string NotNull = "Must not be null.";

    public JsonElement Element => element;

    /// <summary>Whether the member is there, null included.</summary>
    public bool Has(string name) => TryFind(name, out _);

    /// <summary>Notes each member that is not one of these as a fault, with the name that was probably meant.</summary>
    public void OnlyKnows(params string[] names)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (var given in element.EnumerateObject().Select(member => member.Name).Where(given => !names.Contains(given)))
        {
            if (errors.IsFull)
            {
                break;
            }

            Fault(given, NearestName.Of(given, names) is { } meant ? $"There is no such field; did you mean {meant}?" : "There is no such field.");
        }
    }

    /// <summary>Notes a fault of a member.</summary>
    public void Fault(string name, string message) => errors.Add(prefix + name, message);

    /// <summary>Notes a fault of a member unless a condition holds.</summary>
    public void Require(bool holds, string name, string message) => errors.Require(holds, prefix + name, message);

    /// <summary>A text that must be there.</summary>
    public string Text(string name, int maxLength)
    {
        if (!TryFind(name, out var value))
        {
            Fault(name, Required);
            return "";
        }

        return ReadText(name, value, maxLength) ?? "";
    }

    /// <summary>A text that may be absent but not null.</summary>
    public string Text(string name, int maxLength, string fallback) =>
        TryFind(name, out var value) ? ReadText(name, value, maxLength) ?? fallback : fallback;

    /// <summary>A name: it may be absent where it is not required, and is then what it was, but never blank.</summary>
    public string Name(int maxLength, string current, bool isRequired)
    {
        if (!Has("name"))
        {
            return isRequired ? Text("name", maxLength) : current;
        }

        // A name of the wrong type or length has its fault already.
        var name = Text("name", maxLength, "?");
        Require(!string.IsNullOrWhiteSpace(name), "name", "Must not be blank.");
        return name;
    }

    /// <summary>The number of the word that a member is; it may be absent but not null.</summary>
    /// <param name="current">The number where it is absent or faulty.</param>
    /// <param name="none">What a word is that is none of them, as in "no network binding".</param>
    public int OneOf(string name, System.Collections.Immutable.ImmutableArray<string> words, int current, string none = "none")
    {
        var word = Text(name, MaxWord, words[current]);
        if (words.IndexOf(word) is >= 0 and var number)
        {
            return number;
        }

        Fault(name, $"\"{word}\" is {none}; use one of {string.Join(", ", words)}.");
        return current;
    }

    /// <summary>A text that may be absent or null; both read as null.</summary>
    public string? OptionalText(string name, int maxLength) =>
        TryFind(name, out var value) && value.ValueKind != JsonValueKind.Null ? ReadText(name, value, maxLength) : null;

    /// <summary>A boolean that may be absent but not null.</summary>
    public bool Flag(string name, bool fallback) => TryFind(name, out var value) ? ReadFlag(name, value) ?? fallback : fallback;

    /// <summary>A boolean that may be absent or null; both read as null.</summary>
    public bool? OptionalFlag(string name) =>
        TryFind(name, out var value) && value.ValueKind != JsonValueKind.Null ? ReadFlag(name, value) : null;

    /// <summary>An object that may be absent or null; both read as null. Its faults are noted as <c>name.member</c>.</summary>
    public ObjectReader? OptionalObject(string name)
    {
        if (!TryFind(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            Fault(name, "Must be an object.");
            return null;
        }

        return new ObjectReader(value, $"{prefix}{name}.", errors);
    }

    /// <summary>Any JSON value as its text; null when absent or null.</summary>
    public string? Json(string name, int maxBytes)
    {
        if (!TryFind(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        var text = value.GetRawText();
        if (Encoding.UTF8.GetByteCount(text) > maxBytes)
        {
            Fault(name, $"Must not be longer than {maxBytes} bytes of JSON.");
            return null;
        }

        return text;
    }

    public bool TryFind(string name, out JsonElement value)
    {
        value = default;
        return element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out value);
    }

    private string? ReadText(string name, JsonElement value, int maxLength)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            Fault(name, value.ValueKind == JsonValueKind.Null ? NotNull : "Must be a string.");
            return null;
        }

        var text = value.GetString()!;
        if (text.Length > maxLength)
        {
            Fault(name, $"Must not be longer than {maxLength} characters.");
            return null;
        }

        return text;
    }

    private bool? ReadFlag(string name, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.True:
                return true;
            case JsonValueKind.False:
                return false;
            default:
                Fault(name, value.ValueKind == JsonValueKind.Null ? NotNull : "Must be true or false.");
                return null;
        }
    }
}
