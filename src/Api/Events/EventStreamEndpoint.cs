using System.Buffers;
using System.IO.Pipelines;

namespace SessionCluster.Api.Events;

/// <summary>
/// <c>GET /api/v3/events/stream/</c>: the event log as server-sent events, in the order of the commits. A reader holds one batch at
/// most, and reads the log no faster than its connection takes it.
/// </summary>
internal sealed class EventStreamEndpoint(
    IGrainFactory grains, IOptions<EventOptions> options, Drain drain, TimeProvider time)
{
    /// <summary>The header by which a reader resumes.</summary>
    public const string LastEventId = "Last-Event-ID";

    /// <summary>Most events that a reader holds in memory.</summary>
    private const int Batch = 32;

    private const int MaxCursor = 128;

    /// <summary>How long a reader at the end of the log waits before it looks again.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly int _maxReaders = options.Value.MaxReaders;

    private int _readers;

    public async Task Follow(HttpContext context, Caller caller)
    {
        if (Interlocked.Increment(ref _readers) > _maxReaders)
        {
            Interlocked.Decrement(ref _readers);
            context.Response.Headers.RetryAfter = "15";
            await ProblemAnswer.Write(context, Problem.TooManyReaders, $"{_maxReaders} readers follow the events already; Events:MaxReaders bounds them.");
            return;
        }

        try
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, drain.Over);
            await Follow(context, ending.Token);
        }
        finally
        {
            Interlocked.Decrement(ref _readers);
        }
    }

    private async Task Follow(HttpContext context, CancellationToken ending)
    {
        var header = context.Request.Headers[LastEventId].ToString();
        var first = await Read(header.Length == 0 ? null : header);
        if (first.Outcome == EventCursorOutcome.Read)
        {
            EventStreamWriter.WriteHead(context.Response);
            await Send(context, first, ending);
        }
        else if (first.Outcome == EventCursorOutcome.Gone)
        {
            await ProblemAnswer.Write(
                context, Problem.EventsGone, "Events that came after this id are older than Events:Retention and have been deleted.");
        }
        else
        {
            await ProblemAnswer.Invalid(context, LastEventId, "Must be the id of an event of this stream.");
        }
    }

    // Ends when the reader goes, when the server stops, and when pruning overtakes the reader, who is told so on its return.
    private async Task Send(HttpContext context, EventBatch batch, CancellationToken ending)
    {
        var writer = new EventStreamWriter(context.Response.BodyWriter, options.Value.RetentionValue);
        try
        {
            await writer.Begin(batch.Cursor, batch.Events.Length == 0, ending);
            var sent = time.GetTimestamp();
            while (batch.Outcome == EventCursorOutcome.Read)
            {
                if (batch.Events.Length > 0)
                {
                    await writer.Events(batch.Events, ending);
                    sent = time.GetTimestamp();
                }
                else if (time.GetElapsedTime(sent) >= EventStreamWriter.Silence)
                {
                    await writer.Heartbeat(ending);
                    sent = time.GetTimestamp();
                }

                if (batch.Events.Length < Batch)
                {
                    await Task.Delay(Pause, time, ending);
                }

                ending.ThrowIfCancellationRequested();
                batch = await Read(batch.Cursor);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The stream is over; its last event was written whole.
        }
    }

    private Task<EventBatch> Read(string? cursor) => cursor is { Length: > MaxCursor }
        ? Task.FromResult(new EventBatch(EventCursorOutcome.Unknown, "", []))
        : grains.EventLog().Read(new EventCursorQuery(cursor, Batch));
}

/// <summary>Writes the blocks of an event stream (WHATWG HTML, section 9.2). Every write waits until the connection takes it.</summary>
internal sealed class EventStreamWriter(PipeWriter output, TimeSpan kept)
{
    /// <summary>How long a stream is silent at most.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    /// <summary>The head of an answer that is a stream of events.</summary>
    public static void WriteHead(HttpResponse response)
    {
        response.ContentType = "text/event-stream";
        // nginx holds answers back unless told otherwise.
        response.Headers["X-Accel-Buffering"] = "no";
    }

    /// <summary>Opens the stream, so that a reader sees its headers at once.</summary>
    /// <param name="atEnd">
    /// Whether no event follows at once: then the place is told in a block without data, which browsers keep as the last id and show
    /// to nobody, so that a reader that is cut off before its first event misses none.
    /// </param>
    public async Task Begin(string cursor, bool atEnd, CancellationToken ending)
    {
        Write(atEnd ? $": events\nid: {cursor}\n\n" : ": events\n\n");
        await output.FlushAsync(ending);
    }

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
        var data = JsonAnswer.ToBytes((entry, kept), static (writer, state) => EventJson.Write(writer, state.entry, state.kept));
        // A line break would end the field. In JSON it can only stand between tokens, as any space: in texts it is escaped.
        data.AsSpan().Replace((byte)'\n', (byte)' ');
        data.AsSpan().Replace((byte)'\r', (byte)' ');
        output.Write(data);
    }
}
