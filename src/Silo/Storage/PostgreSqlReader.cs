using System.Threading.Channels;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// Reads states, all that wait in one statement: under load a read of its own would cost the server as much as a login's write does,
/// and take a connection for each caller. A ledger comes with its sessions, in one round trip.
/// </summary>
internal sealed class PostgreSqlReader : IAsyncDisposable
{
    private const string Text = "SELECT kind, place, version, payload FROM read_states($1, $2, $3, $4)";

    private const int GroupLimit = 256;

    // Not bounded here: an activation waits for one read, and the silo bounds the activations.
    private readonly Channel<PendingRead> _queue = Channel.CreateUnbounded<PendingRead>();

    private readonly NpgsqlDataSource _source;

    private readonly TimeProvider _time;

    private readonly Task _loops;

    /// <param name="readers">How many read at a time.</param>
    public PostgreSqlReader(NpgsqlDataSource source, int readers, TimeProvider time)
    {
        (_source, _time) = (source, time);
        _loops = Task.WhenAll(Enumerable.Range(0, readers).Select(_ => Loop()));
    }

    /// <summary>The state now; null when there has never been one.</summary>
    /// <exception cref="StorageUnavailableException">The database cannot be read.</exception>
    public Task<StoredState?> Read(StateQuery query)
    {
        var read = query.Kind switch
        {
            StateKind.Ledger => new PendingRead(UserId.FromGrainKey(query.Key).Value, query.Known, default),
            StateKind.Session => new PendingRead(null, null, SessionId.FromGrainKey(query.Key).Value),
            _ => throw new InvalidOperationException($"The state {query.Name} belongs into the storage \"{StorageServices.PlainStorage}\"."),
        };
        return _queue.Writer.TryWrite(read)
            ? read.Answer.Task
            : Task.FromException<StoredState?>(new StorageUnavailableException("The storage (postgresql) is stopped.", outcomeUnknown: false));
    }

    /// <summary>Takes no more reads and finishes those that wait.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loops;
    }

    private async Task Loop()
    {
        await Task.Yield();
        var group = new List<PendingRead>();
        while (await _queue.Reader.WaitToReadAsync())
        {
            while (group.Count < GroupLimit && _queue.Reader.TryRead(out var read))
            {
                group.Add(read);
            }

            // Another loop may have taken what woke this one.
            if (group.Count > 0)
            {
                await Answer(group);
            }

            group.Clear();
        }
    }

    private async Task Answer(List<PendingRead> group)
    {
        try
        {
            PendingRead[] users = [.. group.Where(read => read.User is not null)];
            PendingRead[] sessions = [.. group.Where(read => read.User is null)];
            var found = await TransientRead.Run(() => Read(users, sessions), _time);
            foreach (var read in group)
            {
                read.Answer.TrySetResult(found.GetValueOrDefault(read)?.ToState());
            }
        }
        catch (Exception error)
        {
            group.ForEach(read => read.Answer.TrySetException(error));
        }
    }

    private async Task<Dictionary<PendingRead, Found>> Read(PendingRead[] users, PendingRead[] sessions)
    {
        await using var command = _source.CreateCommand(Text);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(users, read => read.User!) });
        command.Parameters.Add(new NpgsqlParameter<long?[]> { TypedValue = Array.ConvertAll(users, read => read.Known) });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = UnixMicros.From(_time.GetUtcNow() - StoredSessions.LookedBack) });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = Array.ConvertAll(sessions, read => read.Session) });
        await using var reader = await command.ExecuteReaderAsync();
        var found = new Dictionary<PendingRead, Found>(ReferenceEqualityComparer.Instance);
        while (await reader.ReadAsync())
        {
            var (kind, place) = (reader.GetInt32(0), reader.GetInt64(1) - 1);
            var payload = reader.IsDBNull(3) ? null : reader.GetString(3);
            switch (kind)
            {
                case 0:
                    found.Add(users[place], new Found(reader.GetInt64(2), payload));
                    break;
                case 1:
                    found[users[place]].Live.Add(payload!);
                    break;
                case 2:
                    found[users[place]].EndedLately.Add(payload!);
                    break;
                default:
                    found.Add(sessions[place], new Found(reader.GetInt64(2), payload));
                    break;
            }
        }

        return found;
    }

    private sealed record PendingRead(string? User, long? Known, Guid Session)
    {
        public TaskCompletionSource<StoredState?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed record Found(long Version, string? Payload)
    {
        public List<string> Live { get; } = [];

        public List<string> EndedLately { get; } = [];

        public StoredState ToState() => new(Version, Payload, Live, EndedLately);
    }
}

/// <summary>
/// Reads again what a lost connection kept from being read: after a restart or failover of the server every pooled connection is
/// broken once. What took too long is not asked again: its caller has no time left for that. Writes are never
/// repeated here: whether one was done is not known, and its caller finds out.
/// </summary>
internal static class TransientRead
{
    /// <summary>Before the second try, the third and the fourth: well under the shortest call timeout together.</summary>
    private static readonly TimeSpan[] Pauses = [TimeSpan.Zero, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(400)];

    /// <summary>Runs a read that changes nothing, up to four times.</summary>
    /// <exception cref="StorageUnavailableException">The last try failed, or one failed for a reason that stays.</exception>
    public static async Task<T> Run<T>(Func<Task<T>> read, TimeProvider time)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await read();
            }
            catch (NpgsqlException failure) when (failure is { IsTransient: true, InnerException: not TimeoutException } && attempt < Pauses.Length)
            {
                await Task.Delay(Pauses[attempt], time);
            }
            catch (Exception failure) when (failure is NpgsqlException or TimeoutException)
            {
                throw new StorageUnavailableException("The storage (postgresql) cannot be read.", outcomeUnknown: false, failure);
            }
        }
    }
}
