using System.Text.Json;
using System.Text.Json.Serialization;

namespace SessionCluster.Client;

/// <summary>The user's key: the server writes a number where it is a canonical decimal, else a text.</summary>
internal sealed class KeyConverter : JsonConverter<string>
{
    public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType == JsonTokenType.Number
        ? reader.GetInt64().ToString(System.Globalization.CultureInfo.InvariantCulture)
        : reader.GetString() ?? "";

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}

internal sealed record LoginBody(
    string Stage, PendingUser PendingUser, bool? RememberMe, LoginContext Context, ClientBody Client, JsonElement? Data);

internal sealed record PendingUser(string Pk, string Username, string Email, string Name, bool IsActive);

internal sealed record LoginContext(string AuthMethod);

internal sealed record ClientBody(
    string Ip, string? UserAgent, string? Method, string? Path, IReadOnlyDictionary<string, string>? Args, string? DeviceCookie = null, string? SessionToken = null)
{
    public static ClientBody Of(ClientFacts client, string? deviceCookie = null, string? token = null) =>
        new(client.Ip, client.UserAgent, client.Method, client.Path, client.Args, deviceCookie, token);
}

internal sealed record ValidateBody(string Token, ClientBody Client);

internal sealed record DataBody(string Token, JsonElement? Data);

internal sealed record RevokeBody(string Token, ClientBody? Client, string? Reason);

internal sealed record EndBody(Guid? Except, string? Reason);

internal sealed record ValidateAnswer(bool Active, string? Reason, Session? Session, SessionUser? User, JsonElement Data, BrokenBinding? Binding);

internal sealed record SessionPage(Pagination Pagination, IReadOnlyList<Session> Results);

internal sealed record Pagination(int Next);

internal sealed record EventBody(EventContext Context);

internal sealed record EventContext(Guid? SessionUuid, string? LogoutReason);

internal sealed record ProblemBody(string? Type, string? Title, string? Detail, IReadOnlyDictionary<string, IReadOnlyList<string>>? Errors);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LoginBody))]
[JsonSerializable(typeof(ValidateBody))]
[JsonSerializable(typeof(RevokeBody))]
[JsonSerializable(typeof(EndBody))]
[JsonSerializable(typeof(LoginResult))]
[JsonSerializable(typeof(ValidateAnswer))]
[JsonSerializable(typeof(Receipt))]
[JsonSerializable(typeof(SessionPage))]
[JsonSerializable(typeof(Session))]
[JsonSerializable(typeof(EventBody))]
[JsonSerializable(typeof(ProblemBody))]
internal sealed partial class Wire : JsonSerializerContext;

/// <summary>The one body in which a null says something: it clears the data.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(DataBody))]
internal sealed partial class WireWithNulls : JsonSerializerContext;
