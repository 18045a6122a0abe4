using System.Text.Json.Serialization;

namespace SessionCluster.Client;

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

/// <param name="Token">The session's token.</param>
/// <param name="Data">The data; null says to clear it.</param>
internal sealed record DataBody(string Token, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] JsonElement? Data);

internal sealed record RevokeBody(string Token, ClientBody? Client, string? Reason);

internal sealed record EndBody(Guid? Except, string? Reason);

internal sealed record SessionPage(Pagination Pagination, IReadOnlyList<Session> Results);

internal sealed record Pagination(int TotalPages);

internal sealed record EventBody(EventContext Context);

internal sealed record EventContext(Guid? SessionUuid, string? LogoutReason);

internal sealed record ProblemBody(string? Type, string? Title, string? Detail, IReadOnlyDictionary<string, IReadOnlyList<string>>? Errors);

/// <summary>What the client says.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LoginBody))]
[JsonSerializable(typeof(ValidateBody))]
[JsonSerializable(typeof(DataBody))]
[JsonSerializable(typeof(RevokeBody))]
[JsonSerializable(typeof(EndBody))]
internal sealed partial class Bodies : JsonSerializerContext;

/// <summary>What the server says.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(CheckConverter), typeof(SessionConverter)])]
[JsonSerializable(typeof(LoginResult))]
[JsonSerializable(typeof(SessionCheck))]
[JsonSerializable(typeof(BrokenBinding))]
[JsonSerializable(typeof(Receipt))]
[JsonSerializable(typeof(SessionPage))]
[JsonSerializable(typeof(EventBody))]
[JsonSerializable(typeof(ProblemBody))]
internal sealed partial class Answers : JsonSerializerContext;
