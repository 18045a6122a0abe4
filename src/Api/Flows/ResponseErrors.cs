namespace SessionCluster.Api.Flows;

/// <summary>What is wrong with an answer to a challenge, in authentik's form: a text and a code for each field.</summary>
internal sealed class ResponseErrors
{
    private readonly List<(string Field, string Text, string Code)> _faults = [];

    /// <summary>Notes a fault; one per field.</summary>
    public void Add(string field, string text, string code) => _faults.Add((field, text, code));

    /// <summary>Writes <c>response_errors</c>, if there are any.</summary>
    public void WriteMember(Utf8JsonWriter writer)
    {
        if (_faults.Count == 0)
        {
            return;
        }

        writer.WriteStartObject("response_errors"u8);
        foreach (var (field, text, code) in _faults)
        {
            writer.WriteStartArray(field);
            writer.WriteStartObject();
            writer.WriteString("string"u8, text);
            writer.WriteString("code"u8, code);
            writer.WriteEndObject();
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }
}
