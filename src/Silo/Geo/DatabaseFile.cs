using MaxMind.Db;
using MaxMind.GeoIP2;

namespace SessionCluster.Silo.Geo;

internal static class DatabaseFile
{
    /// <summary>The metadata begin within this many bytes of the end; the format says so.</summary>
    private const int MetadataWithin = 128 * 1024;

    /// <summary>What stands before the metadata.</summary>
    private static readonly byte[] Marker = [0xAB, 0xCD, 0xEF, .. "MaxMind.com"u8];

    /// <summary>
    /// Maps the file into memory, so that only what is looked up takes any, and the system may take that back.
    /// What is mapped is a copy of our own. A file that is cut short while it is mapped ends the process that reads behind its new end,
    /// and people do copy a new database over the old one in place, which cuts it first. Nobody else knows the copy: its name is
    /// deleted as soon as it is mapped, and with the last use of it the system frees its room on the disk, also after a kill.
    /// </summary>
    /// <exception cref="IOException">The file cannot be read, or there is no room for the copy in the temporary folder.</exception>
    /// <exception cref="InvalidDatabaseException">It is not a database, or one that is not understood. The reader has other exceptions for that, too.</exception>
    /// <param name="folder">Where the copy is made; the temporary folder unless given.</param>
    public static OpenDatabase Open(string path, string? folder = null)
    {
        folder ??= Path.GetTempPath();
        var copy = Path.Combine(folder, $"session-cluster-geoip-{Path.GetRandomFileName()}");
        FindMetadata(path);
        try
        {
            Copy(path, folder, copy);
            var database = new OpenDatabase(new DatabaseReader(copy, FileAccessMode.MemoryMapped), OperatingSystem.IsWindows() ? copy : null);
            try
            {
                Check(database.Reader.Metadata);
                return database;
            }
            catch
            {
                database.Leave();
                throw;
            }
        }
        finally
        {
            // Windows deletes no file that is mapped: there it goes with the database.
            Delete(copy);
        }
    }

    /// <summary>Deletes a copy, unless it is still mapped on a Windows, or cannot be reached: what its folder has to say is said by its making.</summary>
    public static void Delete(string copy)
    {
        try
        {
            File.Delete(copy);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // On Windows its owner tries again when it is closed.
        }
    }

    /// <summary>Spares what is not a database at all the copy, and the reader, which would look through all of it.</summary>
    private static void FindMetadata(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var tail = new byte[MetadataWithin];
        var read = RandomAccess.Read(file, tail, Math.Max(0, RandomAccess.GetLength(file) - tail.Length));
        if (tail.AsSpan(0, read).IndexOf(Marker) < 0)
        {
            throw new InvalidDatabaseException("There is no metadata marker near its end: it is not a MaxMind database, or one that is cut off.");
        }
    }

    /// <summary>What the reader does not check itself.</summary>
    private static void Check(Metadata metadata)
    {
        if (metadata.BinaryFormatMajorVersion != 2 || metadata.IPVersion is not (4 or 6))
        {
            throw new InvalidDatabaseException(
                $"The database has format {metadata.BinaryFormatMajorVersion} and IP version {metadata.IPVersion}; format 2 and IP version 4 or 6 are understood.");
        }

        try
        {
            _ = metadata.BuildDate;
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new InvalidDatabaseException("The database says that it was built in a year that does not exist.", e);
        }
    }

    /// <summary>A problem of the folder is said in the same words each time, so that it is reported once: without the name of the copy.</summary>
    private static void Copy(string path, string folder, string copy)
    {
        using var from = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            // A file system that says nothing of its size is tried.
            if (Directory.Exists(folder) && new DriveInfo(folder) is { TotalSize: > 0 } disk && disk.AvailableFreeSpace < from.Length)
            {
                throw new IOException("There is no room for it.");
            }

            using var to = OwnerOnly.Open(copy, FileMode.CreateNew, FileAccess.Write);
            from.CopyTo(to);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new IOException($"It could not be copied into the temporary folder {folder} (TMPDIR): {e.Message.Replace(copy, folder, StringComparison.Ordinal)}", e);
        }
    }
}

/// <summary>
/// A loaded database and the count of those that use it: its owner, and every look-up while it runs. The last to leave disposes it,
/// so a replaced database is closed neither too early (its memory is a mapping) nor as late as a finalizer would come.
/// </summary>
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

/// <summary>
/// What tells one state of a database file from another. Time and length alone miss a file that took the name of another with both
/// kept; its tail, where a database keeps its build time, does not. Links are followed, so a switched link is a change.
/// </summary>
internal readonly record struct FileStamp(DateTime LastWrite, long Length, string Tail)
{
    private const int TailSize = 4096;

    /// <exception cref="IOException">The file is missing, empty, a folder, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    /// <exception cref="ArgumentException">The text is not a path.</exception>
    public static FileStamp Read(string path)
    {
        var target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        if (Directory.Exists(target))
        {
            throw new IOException("The path is a folder, not a database file.");
        }

        // Asked before opening, because opening a pipe waits.
        if (new FileInfo(target).Length == 0)
        {
            throw new IOException("The file is empty.");
        }

        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var length = RandomAccess.GetLength(file);
        Span<byte> tail = stackalloc byte[TailSize];
        var read = RandomAccess.Read(file, tail, Math.Max(0, length - TailSize));
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(tail[..read], hash);
        return new FileStamp(File.GetLastWriteTimeUtc(file), length, Convert.ToHexString(hash));
    }
}
