using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Options;

namespace SessionCluster.Client;

/// <summary>A call that is to be sent, maybe twice.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Path">Its path below the address.</param>
/// <param name="Role">The role that the key needs.</param>
/// <param name="Body">Its body, or null.</param>
/// <param name="Key">The Idempotency-Key of a call that changes something, by which a repeat has no second effect; else null.</param>
/// <param name="Timeout">Longest that it may take; null for the longer time of changes.</param>
internal sealed record Call(HttpMethod Method, string Path, string Role, byte[]? Body, string? Key, TimeSpan? Timeout)
{
    /// <summary>A call that may be repeated as it is.</summary>
    public static Call Repeatable(HttpMethod method, string path, string role, byte[]? body, TimeSpan timeout) => new(method, path, role, body, null, timeout);

    /// <summary>A call that changes something.</summary>
    public static Call Change(HttpMethod method, string path, string role, byte[]? body) => new(method, path, role, body, RandomNumberGenerator.GetHexString(32), null);

    public static byte[] Json<T>(T body, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(body, type);
}

/// <summary>Sends calls. No answer in time becomes <see cref="SessionClusterUnavailableException"/>, and so does any 5xx and 429.</summary>
internal sealed class Caller(HttpClient http, ApiKeySource keys, IOptions<SessionClusterClientOptions> options)
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly Uri _root = new(options.Value.Address!.AbsoluteUri.TrimEnd('/') + "/");

    /// <summary>Sends a call and reads its whole answer.</summary>
    public async Task<Answer> Send(Call call, CancellationToken cancellationToken)
    {
        using var timeout = TimeoutOf(call, cancellationToken);
        try
        {
            var key = keys.Header;
            var answer = await Answer.Of(await http.SendAsync(Request(call, key), HttpCompletionOption.ResponseHeadersRead, timeout.Token), timeout.Token);
            if (answer.Status == HttpStatusCode.Unauthorized && keys.Renew(key))
            {
                answer.Dispose();
                answer = await Answer.Of(await http.SendAsync(Request(call, keys.Header), HttpCompletionOption.ResponseHeadersRead, timeout.Token), timeout.Token);
            }

            return answer.IsUnavailable ? throw answer.Unavailable(call, _root) : answer;
        }
        catch (Exception exception) when (IsUnavailable(exception, cancellationToken))
        {
            throw Unavailable(call, exception);
        }
    }

    /// <summary>Sends a call whose answer does not end by itself.</summary>
    public async Task<HttpResponseMessage> Open(Call call, CancellationToken cancellationToken)
    {
        using var timeout = TimeoutOf(call, cancellationToken);
        try
        {
            var response = await http.SendAsync(Request(call, keys.Header), HttpCompletionOption.ResponseHeadersRead, timeout.Token);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                return response;
            }

            using var answer = await Answer.Of(response, timeout.Token);
            throw answer.IsUnavailable ? answer.Unavailable(call, _root) : answer.Refused(call);
        }
        catch (Exception exception) when (IsUnavailable(exception, cancellationToken))
        {
            throw Unavailable(call, exception);
        }
    }

    private static bool IsUnavailable(Exception exception, CancellationToken cancellationToken) =>
        exception is HttpRequestException or IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private SessionClusterUnavailableException Unavailable(Call call, Exception exception) => new(
        exception is OperationCanceledException
            ? $"SessionCluster at {_root} did not answer {call.Method} /{call.Path} within {LongestOf(call).TotalSeconds:0.#} seconds."
            : $"SessionCluster at {_root} cannot be reached: {exception.Message} (SessionCluster:Address says where it is.)",
        exception);

    private TimeSpan LongestOf(Call call) => call.Timeout ?? options.Value.ChangeTimeout;

    private CancellationTokenSource TimeoutOf(Call call, CancellationToken cancellationToken)
    {
        var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(LongestOf(call));
        return timeout;
    }

    private HttpRequestMessage Request(Call call, AuthenticationHeaderValue key)
    {
        var request = new HttpRequestMessage(call.Method, new Uri(_root, call.Path));
        request.Headers.Authorization = key;
        if (call.Key is { } idempotency)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", idempotency);
        }

        if (call.Body is { } body)
        {
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = Json } };
        }

        return request;
    }
}
