using System.Text.Json.Serialization.Metadata;

namespace SessionCluster.Client;

/// <summary>An answer that was read whole.</summary>
internal sealed class Answer : IDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly byte[] _body;

    private Answer(HttpResponseMessage response, byte[] body) => (_response, _body) = (response, body);

    public HttpStatusCode Status => _response.StatusCode;

    /// <summary>True when the server could not serve, whatever was asked.</summary>
    public bool IsUnavailable => (int)Status >= 500 || Status == HttpStatusCode.TooManyRequests;

    public static async Task<Answer> Of(HttpResponseMessage response, CancellationToken cancellationToken) =>
        new(response, await response.Content.ReadAsByteArrayAsync(cancellationToken));

    public T Read<T>(JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(_body, type) ?? throw new JsonException("It is null.");
        }
        catch (JsonException exception)
        {
            throw new SessionClusterUnavailableException(
                $"{_response.RequestMessage?.RequestUri} did not answer as SessionCluster does: {exception.Message} Does SessionCluster:Address lead to something else?", exception);
        }
    }

    /// <summary>The kind of problem; empty when the answer is none.</summary>
    public string Problem() => Body()?.Type ?? "";

    /// <summary>What to throw when the server cannot serve.</summary>
    public SessionClusterUnavailableException Unavailable(Call call, Uri root)
    {
        var said = Body() is { } problem ? $": {problem.Title}. {problem.Detail}" : ".";
        return new SessionClusterUnavailableException($"SessionCluster at {root} answered {call.Method} {call.Uri.PathAndQuery} with {(int)Status}{said}")
        {
            RetryAfter = _response.Headers.RetryAfter?.Delta is { } wait && wait > TimeSpan.Zero ? wait : TimeSpan.FromSeconds(1),
        };
    }

    /// <summary>What to throw when the server refused the call, or when the answer is not of a SessionCluster server.</summary>
    public Exception Refused(Call call)
    {
        // Our problems have a bare name as their type, and every refusal is one.
        if (Body() is not { Type: { } type } problem || type.Contains(':', StringComparison.Ordinal))
        {
            return new SessionClusterUnavailableException(
                $"{_response.RequestMessage?.RequestUri} answered {(int)Status}, not as SessionCluster does. Does SessionCluster:Address lead to something else?");
        }

        var message = Status switch
        {
            HttpStatusCode.Unauthorized => "The server refused the api key. Set SessionCluster:ApiKey or SessionCluster:ApiKeyFile to one of its Api:Keys.",
            HttpStatusCode.Forbidden => $"The api key may not do this: it needs the role {call.Role}. Add it to the Roles of the key in the server's Api:Keys.",
            _ when problem.Errors is { } errors && errors.TryGetValue("stage", out var faults) =>
                $"The server refused the stage: {string.Join(' ', faults)} Set SessionCluster:Stage to a stage that it has, or make it (POST /api/v3/stages/user_login/).",
            _ when problem.Errors is { Count: > 0 } errors => $"The server refused the call: {string.Join("; ", errors.Select(e => $"{e.Key}: {string.Join(' ', e.Value)}"))}",
            _ => $"The server refused the call: {problem.Title}. {problem.Detail}",
        };
        return new SessionClusterRequestException(message, (int)Status, type)
        {
            Errors = problem.Errors ?? new Dictionary<string, IReadOnlyList<string>>(),
        };
    }

    public void Dispose() => _response.Dispose();

    private ProblemBody? Body()
    {
        try
        {
            return _response.Content.Headers.ContentType?.MediaType == "application/problem+json" ? JsonSerializer.Deserialize(_body, Answers.Default.ProblemBody) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
