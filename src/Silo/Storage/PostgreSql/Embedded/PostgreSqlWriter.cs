using System.Security.Cryptography;
using Npgsql;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// Makes the writes of the embedded engine, in a few lanes: each takes all writes that wait for it and sends them as one
/// transaction in one round trip, so that one flush of the server's disk serves all of them.
/// </summary>
internal sealed class PostgreSqlWriter(PostgreSqlDatabase database, ILogger log) : IStorageProbe, IAsyncDisposable
{
    /// <summary>The SQLSTATE by which the statements refuse what no caller should ask for.</summary>
    public const string RuleBroken = "SC001";

    private WriteLane[] _lanes = [];

    /// <summary>The texts of the schema.</summary>
    public StorageStatements Statements { get; private set; } = null!;

    /// <summary>Runs before each transaction is sent, and may change the connection; tests make it fail.</summary>
    internal Action<NpgsqlConnection>? BeforeCommit { get; set; }

    /// <summary>
    /// Takes the fences over, which ends the chances of any transaction of a process before this one, and starts the lanes.
    /// </summary>
    /// <exception cref="StorageStartException">The database cannot be used.</exception>
    public async Task Start()
    {
        try
        {
            Statements = await StorageStatements.Load(database.Source);
            var holder = new Guid(RandomNumberGenerator.GetBytes(16));
            await database.Source.Command("UPDATE writer_fence SET holder = $1, settled = settled + 1", holder).Run();
            var lanes = new WriteLane[database.Options.Writers];
            for (var number = 0; number < lanes.Length; number++)
            {
                lanes[number] = await WriteLane.Open(database, this, number, holder, log);
            }

            _lanes = lanes;
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException)
        {
            throw PostgreSqlFailure.Explain(database.Source, error);
        }
    }

    /// <summary>
    /// Queues a write: the row's version when it is durable, null when the row was at another version. It fails when it is certain
    /// that nothing of it is or will be in the database, and with a <see cref="TimeoutException"/> when the answer was lost.
    /// </summary>
    public Task<int?> Write(StateChange change) => Add(new PendingWrite(change), (uint)string.GetHashCode(change.Owner, StringComparison.Ordinal));

    Task IStorageProbe.Read() => database.Source.Command("SELECT 1").Value<int>();

    /// <summary>Through every lane's queue.</summary>
    Task IStorageProbe.Write() => _lanes.Length == 0
        ? throw new InvalidOperationException("The storage has not started.")
        : Task.WhenAll(_lanes.Select(lane => lane.Add(new PendingWrite(null))));

    public async ValueTask DisposeAsync()
    {
        foreach (var lane in _lanes)
        {
            await lane.DisposeAsync();
        }
    }

    internal void Sending(NpgsqlConnection connection) => BeforeCommit?.Invoke(connection);

    private Task<int?> Add(PendingWrite write, uint hash) => _lanes.Length == 0
        ? Task.FromException<int?>(new InvalidOperationException("The storage has not started; nothing was written."))
        : _lanes[hash % (uint)_lanes.Length].Add(write);
}
