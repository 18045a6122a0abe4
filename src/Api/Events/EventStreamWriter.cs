using System.Buffers;
using System.Collections.Immutable;
using System.IO.Pipelines;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using SessionCluster.Events;

namespace SessionCluster.Api.Events;

/// <summary>Writes the blocks of an event stream (WHATWG HTML, section 9.2). Every write waits until the connection takes it.</summary>
internal sealed class EventStreamWriter(PipeWriter output, TimeSpan kept)
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ArrayBufferWriter<byte> _json = new(1024);

    /// <summary>Opens the stream, so that a reader sees its headers at once.</summary>
    /// <param name="cursor">Where the stream begins.</param>
    /// <param name="atEnd">
    /// Whether no event follows at once: then the place is told in a block without data, which browsers keep as the last id and show
    /// to nobody, so that a reader that is cut off before its first event misses none.
    /// </param>
    /// <param name="ending">Ends the wait.</param>
    public async Task Begin(string cursor, bool atEnd, CancellationToken ending)
    {
        Write(atEnd ? $": events\nid: {cursor}\n\n" : ": events\n\n");
        await output.FlushAsync(ending);
    }

    /// <summary>Writes events.</summary>
    public async Task Events(ImmutableArray<CursorEvent> events, CancellationToken ending)
    {
        foreach (var entry in events)
        {
            Write($"id: {entry.Cursor}\nevent: {entry.Event.Action}\ndata: ");
            WriteData(entry.Event);
            Write("\n\n");
            await output.FlushAsync(ending);
        }
    }

    /// <summary>Writes a comment, which keeps proxies from closing the connection and finds out whether the reader is gone.</summary>
    public async Task Heartbeat(CancellationToken ending)
    {
        Write(": alive\n\n");
        await output.FlushAsync(ending);
    }

    private void Write(string text) => Encoding.UTF8.GetBytes(text, output);

    private void WriteData(EventInfo entry)
    {
        _json.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_json, Options))
        {
            EventJson.Write(writer, entry, kept);
        }

        // A line break would end the field. In JSON it can only stand between tokens, as any space: in texts it is escaped.
        var data = output.GetSpan(_json.WrittenCount)[.._json.WrittenCount];
        _json.WrittenSpan.CopyTo(data);
        data.Replace((byte)'\n', (byte)' ');
        data.Replace((byte)'\r', (byte)' ');
        output.Advance(_json.WrittenCount);
    }
}
