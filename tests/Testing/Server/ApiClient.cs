using System.Net.Http.Headers;
using System.Text;

namespace SessionCluster.Testing.Server;

/// <summary>An answer: its status, its JSON if it has one, and its headers.</summary>
internal sealed record Answer(int Status, JsonNode? Json, HttpResponseHeaders Headers, string? ContentType, string Text)
{
    /// <summary>The member at a path such as <c>session.uuid</c>.</summary>
    public JsonNode? At(string path) => path.Split('.').Aggregate(Json, (node, name) => node?[name]);

    public string StringAt(string path) => At(path)!.GetValue<string>();

    /// <summary>The problem's slug.</summary>
    public string? Problem => Json is JsonObject ? Json["type"]?.GetValue<string>() : null;

    /// <summary>The answer itself, after a check of its status that shows the body.</summary>
    public Answer Is(int status)
    {
        Assert.True(Status == status, $"{Status} instead of {status}: {Text}");
        return this;
    }
}

/// <summary>Calls the server as a service, or as a browser with headers of its own.</summary>
/// <param name="urls">Where the processes of the server listen; calls go to each in turn.</param>
/// <param name="key">The api key.</param>
internal sealed class ApiClient(IReadOnlyList<Uri> urls, string key) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    private int _calls;

    public string Key { get; } = key;

    public ApiClient With(string otherKey) => new(urls, otherKey);

    public Task<Answer> Get(string path, params (string Name, string Value)[] headers) => Send(HttpMethod.Get, path, null, headers);

    public Task<Answer> Delete(string path, params (string Name, string Value)[] headers) => Send(HttpMethod.Delete, path, null, headers);

    public Task<Answer> Post(string path, string? json = null, params (string Name, string Value)[] headers) =>
        Send(HttpMethod.Post, path, json, headers);

    public Task<Answer> Put(string path, string json) => Send(HttpMethod.Put, path, json);

    public Task<Answer> Patch(string path, string json) => Send(HttpMethod.Patch, path, json);

    /// <summary>Sends a request. A header named Cookie or Authorization takes the place of the api key.</summary>
    public async Task<Answer> Send(HttpMethod method, string path, string? json, params (string Name, string Value)[] headers)
    {
        var url = urls[(int)((uint)Interlocked.Increment(ref _calls) % (uint)urls.Count)];
        using var request = new HttpRequestMessage(method, new Uri(url, path));
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        if (!headers.Any(h => h.Name is "Cookie" or "Authorization"))
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {Key}");
        }

        foreach (var (name, value) in headers)
        {
            if (value.Length > 0)
            {
                Assert.True(request.Headers.TryAddWithoutValidation(name, value));
            }
        }

        return await Read(await _http.SendAsync(request));
    }

    public void Dispose() => _http.Dispose();

    private static async Task<Answer> Read(HttpResponseMessage response)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync();
            var type = response.Content.Headers.ContentType?.MediaType;
            var isJson = type is "application/json" or "application/problem+json";
            return new Answer((int)response.StatusCode, isJson ? JsonNode.Parse(text) : null, response.Headers, type, text);
        }
    }
}
