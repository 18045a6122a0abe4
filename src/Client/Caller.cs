using System.Security.Cryptography;
using System.Text.Json.Serialization.Metadata;
using Polly;

namespace SessionCluster.Client;

/// <summary>A call that is to be sent, maybe twice.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Uri">Its address.</param>
/// <param name="Role">The role that the key needs.</param>
/// <param name="Body">Its body, or null.</param>
/// <param name="IsChange">Whether it changes something, for which it may take longer.</param>
/// <param name="Key">The Idempotency-Key of a change whose repeat would else be a second one; null for others.</param>
internal sealed record Call(HttpMethod Method, Uri Uri, string Role, byte[]? Body, bool IsChange = false, string? Key = null)
{
    /// <summary>A change that may be repeated by its key.</summary>
    public static Call Change(HttpMethod method, Uri uri, string role, byte[]? body) => new(method, uri, role, body, IsChange: true, RandomNumberGenerator.GetHexString(32));

    public static byte[] Json<T>(T body, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(body, type);
}

/// <summary>
/// Sends calls. No answer in time becomes <see cref="SessionClusterUnavailableException"/>, and so does any 5xx and 429, and what a resilience
/// handler of the app's own (a timeout, a circuit breaker, a rate limit for all of its HTTP clients) gives up.
/// </summary>
internal sealed class Caller(IHttpClientFactory http, ApiKeySource keys, IOptions<SessionClusterClientOptions> options)
{
    /// <summary>The name of the <see cref="HttpClient"/>.</summary>
    public const string HttpClientName = "SessionCluster";

    private readonly Uri _root = new(options.Value.Address!.AbsoluteUri.TrimEnd('/') + "/");

    private readonly HttpClient _reads = Client(http, options.Value.Timeout);

    private readonly HttpClient _changes = Client(http, options.Value.ChangeTimeout);

    /// <summary>The address of a path below the server's.</summary>
    public Uri At(string path) => new(_root, path);

    /// <summary>Sends a call and reads its whole answer.</summary>
    public async Task<Answer> Send(Call call, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await Answer.Of(await Respond(call, HttpCompletionOption.ResponseContentRead, cancellationToken), cancellationToken);
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
        try
        {
            var response = await Respond(call, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                return response;
            }

            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(ClientOf(call).Timeout);
            using var answer = await Answer.Of(response, timeout.Token);
            throw answer.IsUnavailable ? answer.Unavailable(call, _root) : answer.Refused(call);
        }
        catch (Exception exception) when (IsUnavailable(exception, cancellationToken))
        {
            throw Unavailable(call, exception);
        }
    }

    // A key that is refused may have been replaced by another in its file.
    private async Task<HttpResponseMessage> Respond(Call call, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        var key = keys.Header;
        var response = await ClientOf(call).SendAsync(Request(call, key), completion, cancellationToken);
        if (response.StatusCode != HttpStatusCode.Unauthorized || !keys.Renew(key))
        {
            return response;
        }

        response.Dispose();
        return await ClientOf(call).SendAsync(Request(call, keys.Header), completion, cancellationToken);
    }

    private static HttpClient Client(IHttpClientFactory http, TimeSpan timeout)
    {
        var client = http.CreateClient(HttpClientName);
        client.Timeout = timeout;
        return client;
    }

    private static bool IsUnavailable(Exception exception, CancellationToken cancellationToken) =>
        exception is HttpRequestException or IOException or ExecutionRejectedException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private SessionClusterUnavailableException Unavailable(Call call, Exception exception) => new(
        exception is OperationCanceledException
            ? $"SessionCluster at {_root} did not answer {call.Method} {call.Uri.PathAndQuery} within {ClientOf(call).Timeout.TotalSeconds:0.#} seconds."
            : $"SessionCluster at {_root} cannot be reached: {exception.Message} (SessionCluster:Address says where it is.)",
        exception);

    private HttpClient ClientOf(Call call) => call.IsChange ? _changes : _reads;

    private static HttpRequestMessage Request(Call call, string key)
    {
        var request = new HttpRequestMessage(call.Method, call.Uri);
        request.Headers.TryAddWithoutValidation("Authorization", key);
        if (call.Key is { } idempotency)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", idempotency);
        }

        if (call.Body is { } body)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        }

        return request;
    }
}
