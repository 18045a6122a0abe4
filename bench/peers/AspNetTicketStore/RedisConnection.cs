using System.Buffers;
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace SessionCluster.Bench.AspNetTicketStore;

/// <summary>
/// The least of a Redis client: commands of all callers pipelined over one connection, answered in order.
/// It does less than a full client would (no reconnect, no time limit, no cluster), which is to the peer's advantage.
/// </summary>
internal sealed class RedisConnection
{
    private readonly Stream _stream;
    private readonly PipeReader _reader;
    private readonly ConcurrentQueue<TaskCompletionSource<byte[]?>> _waiting = new();
    private readonly Lock _order = new();
    private readonly Channel<bool> _pending = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private ArrayBufferWriter<byte> _filling = new();
    private ArrayBufferWriter<byte> _sending = new();

    private RedisConnection(Stream stream) => (_stream, _reader) = (stream, PipeReader.Create(stream));

    public static async Task<RedisConnection> OpenAsync(string host, int port)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(host, port);
        var connection = new RedisConnection(client.GetStream());
        _ = connection.WriteAsync();
        _ = connection.ReadAsync();
        return connection;
    }

    /// <summary>Sends one command. The answer's bytes; null for the nil answer and for an integer or status.</summary>
    public Task<byte[]?> SendAsync(params ReadOnlySpan<byte[]> command)
    {
        var answer = new TaskCompletionSource<byte[]?>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_order)
        {
            Header((byte)'*', command.Length);
            foreach (var part in command)
            {
                Header((byte)'$', part.Length);
                _filling.Write(part);
                _filling.Write("\r\n"u8);
            }

            _waiting.Enqueue(answer);
        }

        _pending.Writer.TryWrite(true);
        return answer.Task;
    }

    /// <summary>One write for all commands that came while the last one was under way.</summary>
    private async Task WriteAsync()
    {
        await foreach (var _ in _pending.Reader.ReadAllAsync())
        {
            lock (_order)
            {
                (_filling, _sending) = (_sending, _filling);
            }

            await _stream.WriteAsync(_sending.WrittenMemory);
            _sending.ResetWrittenCount();
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            while (true)
            {
                var read = await _reader.ReadAsync();
                var rest = read.Buffer;
                while (TryTake(ref rest, out var value, out var error))
                {
                    _waiting.TryDequeue(out var answer);
                    _ = error is null ? answer!.TrySetResult(value) : answer!.TrySetException(new IOException(error));
                }

                _reader.AdvanceTo(rest.Start, rest.End);
                if (read.IsCompleted)
                {
                    throw new IOException("Redis closed the connection.");
                }
            }
        }
        catch (IOException closed)
        {
            while (_waiting.TryDequeue(out var answer))
            {
                answer.TrySetException(closed);
            }
        }
    }

    private void Header(byte kind, int number)
    {
        var span = _filling.GetSpan(16);
        span[0] = kind;
        Utf8Formatter.TryFormat(number, span[1..], out var digits);
        "\r\n"u8.CopyTo(span[(1 + digits)..]);
        _filling.Advance(digits + 3);
    }

    private static bool TryTake(ref ReadOnlySequence<byte> buffer, out byte[]? value, out string? error)
    {
        (value, error) = (null, null);
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryReadTo(out ReadOnlySequence<byte> line, "\r\n"u8))
        {
            return false;
        }

        var text = Encoding.ASCII.GetString(in line);
        if (text[0] == '-')
        {
            error = text;
        }
        else if (text[0] == '$' && text != "$-1")
        {
            var length = int.Parse(text.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture);
            if (reader.Remaining < length + 2)
            {
                return false;
            }

            value = buffer.Slice(reader.Position, length).ToArray();
            reader.Advance(length + 2);
        }

        buffer = buffer.Slice(reader.Position);
        return true;
    }
}
