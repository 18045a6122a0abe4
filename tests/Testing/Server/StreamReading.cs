namespace SessionCluster.Testing.Server;

/// <summary>One block of an event stream.</summary>
internal sealed record StreamBlock(string Id, string Event, string Data);

/// <summary>A reader of the event stream. Every wait has a deadline.</summary>
internal sealed class StreamReading : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;

    private readonly HttpResponseMessage _response;

    private readonly StreamReader _lines;

    private StreamReading(HttpClient http, HttpResponseMessage response, StreamReader lines)
    {
        (_http, _response, _lines) = (http, response, lines);
    }

    public string? ContentType => _response.Content.Headers.ContentType?.ToString();

    public string? CacheControl => _response.Headers.CacheControl?.ToString();

    /// <summary>The block that was read last.</summary>
    public StreamBlock Last { get; private set; } = new("", "", "");

    public static async Task<StreamReading> Open(Uri url, string key, string? lastId) =>
        await TryOpen(url, key, lastId) ?? throw new InvalidOperationException("The stream was refused.");

    /// <summary>Opens the stream; null when it is refused.</summary>
    public static Task<StreamReading?> TryOpen(Uri url, string key, string? lastId) => TryOpen(
        url, "/api/v3/events/stream/", lastId is null ? [("Authorization", "Bearer " + key)] : [("Authorization", "Bearer " + key), ("Last-Event-ID", lastId)]);

    /// <summary>Opens the stream of a session's own ending; null when it is refused.</summary>
    /// <param name="named">The session that the page is of; null for one that names none.</param>
    public static Task<StreamReading?> TryOpenOwn(Uri url, string token, string? named = null) =>
        TryOpen(url, "/api/v3/sessions/current/events/" + (named is null ? "" : "?session=" + named), [("Authorization", "Session " + token)]);

    private static async Task<StreamReading?> TryOpen(Uri url, string path, IEnumerable<(string Name, string Value)> headers)
    {
        var http = new HttpClient { BaseAddress = url };
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (!response.IsSuccessStatusCode)
        {
            response.Dispose();
            http.Dispose();
            return null;
        }

        return new StreamReading(http, response, new StreamReader(await response.Content.ReadAsStreamAsync()));
    }

    /// <summary>The next block that has an id.</summary>
    public async Task<StreamBlock> Next()
    {
        var (id, action, data) = ("", "", "");
        while (await _lines.ReadLineAsync().WaitAsync(Patience) is { } line)
        {
            if (line.Length == 0 && id.Length > 0)
            {
                return Last = new StreamBlock(id, action, data);
            }

            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            var value = colon < 0 ? "" : line[(colon + 2)..];
            switch (colon < 0 ? line : line[..colon])
            {
                case "id":
                    id = value;
                    break;
                case "event":
                    action = value;
                    break;
                case "data":
                    data += value;
                    break;
                case "":
                    break;
                default:
                    Assert.Fail($"Not a line of an event stream: {line}");
                    break;
            }
        }

        throw new EndOfStreamException();
    }

    /// <summary>The next line that says something.</summary>
    public async Task<string?> NextLine()
    {
        string? line;
        do
        {
            line = await _lines.ReadLineAsync().WaitAsync(Patience);
        }
        while (line is { Length: 0 });
        return line;
    }

    /// <summary>Whether the stream ends as HTTP says that it is complete, with nothing but comments before.</summary>
    public async Task<bool> IsOver()
    {
        while (await _lines.ReadLineAsync().WaitAsync(Patience) is { } line)
        {
            if (line.Length > 0 && line[0] != ':')
            {
                return false;
            }
        }

        return true;
    }

    public void Dispose()
    {
        _lines.Dispose();
        _response.Dispose();
        _http.Dispose();
    }
}
