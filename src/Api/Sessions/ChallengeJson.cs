using System.Text.Json;
using SessionCluster.LoginStage;
using SessionCluster.Users;

namespace SessionCluster.Api.Sessions;

/// <summary>Writes the stage's question: authentik's <c>ak-stage-user-login</c> challenge.</summary>
internal static class ChallengeJson
{
    /// <summary>The challenge's component name.</summary>
    public const string Component = "ak-stage-user-login";

    public static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, StageInfo stage, UserFacts user)
    {
        writer.WriteStartObject(name);
        writer.WriteString("component"u8, Component);
        writer.WriteString("pending_user"u8, user.Username);
        writer.WriteString("pending_user_avatar"u8, "");
        writer.WriteStartObject("flow_info"u8);
        writer.WriteString("title"u8, stage.Name);
        writer.WriteString("background"u8, "");
        writer.WriteString("cancel_url"u8, "");
        writer.WriteString("layout"u8, "stacked");
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
