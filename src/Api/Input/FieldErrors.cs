namespace SessionCluster.Api.Input;

/// <summary>
/// Messages per field, in the order in which the fields were read, of the first fields only and with long names cut: whoever sends a body or a
/// query chooses how many fields are wrong and what they are called. Nested fields are named with dots.
/// </summary>
internal sealed class FieldErrors
{
    /// <summary>The field of messages that belong to no field; authentik's name for it.</summary>
    public const string NoField = "non_field_errors";

    /// <summary>Most fields that are named.</summary>
    public const int MaxFields = 32;

    /// <summary>Longest name of a field in characters.</summary>
    public const int MaxName = 256;

    private readonly List<(string Field, List<string> Messages)> _fields = [];

    /// <summary>Whether there is any message.</summary>
    public bool Any => _fields.Count > 0;

    /// <summary>Whether no further field is named, so that whoever goes through many can stop.</summary>
    public bool IsFull => _fields.Count == MaxFields;

    /// <summary>The name of a member of a field, which is empty for the body itself.</summary>
    public static string NameOf(string field, string member) => field.Length == 0 ? Cut(member) : field.Length < MaxName ? Cut($"{field}.{Cut(member)}") : field;

    /// <summary>Adds a message to a field; the same message is kept once.</summary>
    public void Add(string field, string message)
    {
        field = Cut(field);
        if (_fields.Find(entry => entry.Field == field).Messages is not { } messages)
        {
            if (!IsFull)
            {
                _fields.Add((field, [message]));
            }
        }
        else if (!messages.Contains(message))
        {
            messages.Add(message);
        }
    }

    /// <summary>Adds a message to a field unless a condition holds.</summary>
    public void Require(bool holds, string field, string message)
    {
        if (!holds)
        {
            Add(field, message);
        }
    }

    /// <summary>The messages of a field; empty when it has none.</summary>
    public IReadOnlyList<string> Of(string field) => _fields.Find(entry => entry.Field == field).Messages ?? [];

    /// <summary>Writes a member per field into the object that is being written, but for those that it has already.</summary>
    public void WriteMembers(Utf8JsonWriter writer, string[] written)
    {
        foreach (var (name, messages) in _fields.Where(entry => !written.Contains(entry.Field)))
        {
            writer.WriteStartArray(name);
            foreach (var message in messages)
            {
                writer.WriteStringValue(message);
            }

            writer.WriteEndArray();
        }
    }

    private static string Cut(string name) => name.Length <= MaxName ? name : name[..(char.IsHighSurrogate(name[MaxName - 1]) ? MaxName - 1 : MaxName)];
}
