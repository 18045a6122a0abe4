using Npgsql;
using SessionCluster.Storage;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// Reads again what a lost connection kept from being read: after a restart or failover of the server every pooled connection is
/// broken once. What took too long is not asked again: its caller has no time left for that. Writes are never repeated here: whether one was done is not known, and its caller finds out.
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
