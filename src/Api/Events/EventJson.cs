using System.Text.Json;
using SessionCluster.Api.Answers;
using SessionCluster.Events;

namespace SessionCluster.Api.Events;

/// <summary>Writes events in authentik's form: the same in the list, alone and in the stream.</summary>
internal static class EventJson
{
    /// <summary>Writes an event that is kept for so long.</summary>
    public static void Write(Utf8JsonWriter writer, EventInfo entry, TimeSpan kept)
    {
        writer.WriteStartObject();
        writer.WriteString("pk"u8, entry.Pk);
        writer.WriteStartObject("user"u8);
        if (entry.User.Id.Value.Length > 0)
        {
            writer.WriteUserPk("pk"u8, entry.User.Id);
            writer.WriteString("email"u8, entry.User.Email);
            writer.WriteString("username"u8, entry.User.Username);
        }

        writer.WriteEndObject();
        writer.WriteString("action"u8, entry.Action);
        writer.WriteString("app"u8, "sessioncluster");
        writer.WriteStored("context"u8, entry.ContextJson);
        writer.WriteString("client_ip"u8, entry.ClientIp);
        writer.WriteTime("created"u8, entry.Created);
        writer.WriteTime("expires"u8, kept < DateTimeOffset.MaxValue - entry.Created ? entry.Created + kept : DateTimeOffset.MaxValue);
        writer.WriteStartObject("brand"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
