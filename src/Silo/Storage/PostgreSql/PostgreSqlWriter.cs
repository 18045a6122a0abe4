using Npgsql;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// Makes the writes of this process, in a few lanes: each takes all writes that wait for it and sends them as one transaction in one
/// round trip, so that one flush of the server's disk serves all of them. The ledgers of a user always take the same lane; the updates of
/// sessions have one of their own, so that no transaction takes the locks of both kinds.
/// </summary>
internal sealed class PostgreSqlWriter : IAsyncDisposable
{
    private readonly WriteLane[] _ledgers;

    private readonly WriteLane _sessions;

    public PostgreSqlWriter(NpgsqlDataSource source, PostgreSqlOptions options, TimeProvider time, ILogger log)
    {
        var failures = new WriteFailures(time, log);
        _ledgers = [.. Enumerable.Range(0, options.Writers).Select(_ => NewLane(GroupCommands.Ledgers))];
        _sessions = NewLane(GroupCommands.Sessions);

        WriteLane NewLane(Func<IReadOnlyList<PendingWrite>, NpgsqlCommand> command) => new(source, options, command, this, failures);
    }

    /// <summary>Runs before each transaction is sent, and may break the connection; tests make it fail.</summary>
    internal Action<NpgsqlConnection>? BeforeCommit { get; set; }

    /// <inheritdoc cref="IStateDatabase.Write"/>
    public Task<long?> Write(StateChange change) => change switch
    {
        LedgerChange ledger => _ledgers[(uint)string.GetHashCode(ledger.User, StringComparison.Ordinal) % (uint)_ledgers.Length].Add(ledger),
        SessionChange session => _sessions.Add(session),
        _ => throw new InvalidOperationException($"The state belongs into the storage \"{StorageServices.PlainStorage}\"."),
    };

    /// <summary>Takes no more writes and finishes those that wait.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var lane in _ledgers)
        {
            await lane.DisposeAsync();
        }

        await _sessions.DisposeAsync();
    }
}
