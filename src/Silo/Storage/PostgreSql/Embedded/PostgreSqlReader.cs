using System.Threading.Channels;
using Npgsql;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Silo.Storage;

/// <summary>A state as its row holds it.</summary>
/// <param name="Payload">Its JSON; null when it was cleared.</param>
/// <param name="Version">The version of the row.</param>
internal sealed record StoredState(byte[]? Payload, int Version);

/// <summary>
/// Reads states, all that wait in one statement: under load a read of its own would cost the server as much as a login's write does,
/// and take a connection for each caller.
/// </summary>
internal sealed class PostgreSqlReader(PostgreSqlDatabase database) : IAsyncDisposable
{
    private const string Text = "SELECT kind, place, payload, version FROM read_states($1, $2, $3, $4)";

    private const int GroupLimit = 256;

    // Not bounded here: an activation waits for one read, and the engine bounds the activations.
    private readonly Channel<PendingRead> _queue = Channel.CreateUnbounded<PendingRead>();

    private Task _loops = Task.CompletedTask;

    /// <summary>Begins to read what waits, and what comes.</summary>
    public void Start() => _loops = Task.WhenAll(Enumerable.Range(0, database.Options.StateReaders).Select(_ => Loop()));

    /// <summary>The state now; null when there has never been one.</summary>
    public Task<StoredState?> Read(StateKind kind, string stateName, string key)
    {
        var read = kind switch
        {
            StateKind.Ledger => new PendingRead(kind, stateName, UserId.FromGrainKey(key).Value, default),
            StateKind.Session => new PendingRead(kind, stateName, key, SessionId.FromGrainKey(key).Value),
            _ => new PendingRead(kind, stateName, key, default),
        };
        return _queue.Writer.TryWrite(read)
            ? read.Answer.Task
            : Task.FromException<StoredState?>(new ObjectDisposedException(nameof(PostgreSqlReader), "The storage is stopped."));
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

            try
            {
                await Read(group);
            }
            catch (Exception error)
            {
                group.ForEach(read => read.Answer.TrySetException(error));
            }

            group.Clear();
        }
    }

    private async Task Read(List<PendingRead> group)
    {
        // Another loop may have taken what woke this one.
        if (group.Count == 0)
        {
            return;
        }

        PendingRead[][] kinds = [OfKind(StateKind.Ledger), OfKind(StateKind.Session), OfKind(StateKind.Other)];
        var found = new StoredState?[3][];
        for (var kind = 0; kind < kinds.Length; kind++)
        {
            found[kind] = new StoredState?[kinds[kind].Length];
        }

        await using (var command = database.Source.CreateCommand(Text))
        {
            command.Parameters.Add(Column(kinds[0], read => read.Key));
            command.Parameters.Add(Column(kinds[1], read => read.Session));
            command.Parameters.Add(Column(kinds[2], read => read.StateName));
            command.Parameters.Add(Column(kinds[2], read => read.Key));
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                found[reader.GetInt32(0)][reader.GetInt64(1) - 1] =
                    new StoredState(reader.IsDBNull(2) ? null : reader.GetFieldValue<byte[]>(2), reader.GetInt32(3));
            }
        }

        for (var kind = 0; kind < kinds.Length; kind++)
        {
            for (var place = 0; place < kinds[kind].Length; place++)
            {
                kinds[kind][place].Answer.TrySetResult(found[kind][place]);
            }
        }

        PendingRead[] OfKind(StateKind kind) => [.. group.Where(read => read.Kind == kind)];
    }

    private static NpgsqlParameter<T[]> Column<T>(PendingRead[] reads, Func<PendingRead, T> column) =>
        new() { TypedValue = Array.ConvertAll(reads, read => column(read)) };

    private sealed record PendingRead(StateKind Kind, string StateName, string Key, Guid Session)
    {
        public TaskCompletionSource<StoredState?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
