using Npgsql;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// Reads again what a lost connection kept from being read: after a restart or failover of the server every pooled connection is
/// broken once. Writes are never repeated here: whether one was done is not known, and its caller finds out.
/// </summary>
internal static class TransientRead
{
    /// <summary>Before the second try, the third and the fourth: well under the shortest call timeout together.</summary>
    private static readonly TimeSpan[] Pauses = [TimeSpan.Zero, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(400)];

    /// <summary>Runs a read that changes nothing, up to four times.</summary>
    /// <exception cref="NpgsqlException">The last try failed, or one failed for a reason that stays.</exception>
    public static async Task<T> Run<T>(Func<Task<T>> read)
    {
        foreach (var pause in Pauses)
        {
            try
            {
                return await read();
            }
            catch (NpgsqlException failure) when (failure.IsTransient)
            {
                await Task.Delay(pause, TimeProvider.System);
            }
        }

        return await read();
    }
}

/// <summary>A storage whose reads are tried again after a lost connection.</summary>
internal sealed class RetriedReads(IGrainStorage storage) : IGrainStorage
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => TransientRead.Run(async () =>
    {
        await storage.ReadStateAsync(stateName, grainId, grainState);
        return true;
    });

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        storage.WriteStateAsync(stateName, grainId, grainState);

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        storage.ClearStateAsync(stateName, grainId, grainState);
}
