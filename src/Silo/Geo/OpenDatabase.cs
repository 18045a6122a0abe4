using MaxMind.GeoIP2;

namespace SessionCluster.Silo.Geo;

/// <summary>
/// A loaded database and the count of those that use it: its owner, and every look-up while it runs. The last to leave disposes it,
/// so a replaced database is closed neither too early (its memory is a mapping) nor as late as a finalizer would come.
/// </summary>
/// <param name="reader">The database.</param>
/// <param name="copy">A file to delete with it; null for none.</param>
internal sealed class OpenDatabase(DatabaseReader reader, string? copy = null)
{
    private int _users = 1;
    private int _damageSeen;

    public DatabaseReader Reader { get; } = reader;

    /// <returns>False when it is closed already.</returns>
    public bool TryEnter()
    {
        var users = Volatile.Read(ref _users);
        while (users > 0)
        {
            var seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
            {
                return true;
            }

            users = seen;
        }

        return false;
    }

    public void Leave()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            Reader.Dispose();
            if (copy is not null)
            {
                DatabaseFile.Delete(copy);
            }
        }
    }

    /// <returns>True the first time only.</returns>
    public bool FirstDamage() => Interlocked.Exchange(ref _damageSeen, 1) == 0;
}
