using System.Text.Json;
using SessionCluster.Users;

namespace SessionCluster.Api.Sessions;

/// <summary>Writes the stage's question: authentik's <c>ak-stage-user-login</c> challenge.</summary>
internal static class ChallengeJson
{
    /// <summary>The challenge's component name.</summary>
    public const string Component = "ak-stage-user-login";

    /// <summary>Writes the members of the challenge into the object that is being written.</summary>
    public static void WriteMembers(Utf8JsonWriter writer, string title, string cancelUrl, UserFacts user)
    {
        writer.WriteString("component"u8, Component);
        WriteFlowInfo(writer, title, cancelUrl);
        WritePendingUser(writer, user);
    }

    /// <summary>Writes <c>flow_info</c>.</summary>
    public static void WriteFlowInfo(Utf8JsonWriter writer, string title, string cancelUrl)
    {
        writer.WriteStartObject("flow_info"u8);
        writer.WriteString("title"u8, title);
        writer.WriteString("background"u8, "");
        writer.WriteString("cancel_url"u8, cancelUrl);
        writer.WriteString("layout"u8, "stacked");
        writer.WriteEndObject();
    }

    /// <summary>Writes <c>pending_user</c> and <c>pending_user_avatar</c>; both are texts also when there is no user.</summary>
    public static void WritePendingUser(Utf8JsonWriter writer, UserFacts? user)
    {
        writer.WriteString("pending_user"u8, user?.Username ?? "");
        writer.WriteString("pending_user_avatar"u8, Avatar.Of(user));
    }
}
