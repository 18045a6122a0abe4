using MaxMind.Db;
using MaxMind.GeoIP2;

namespace SessionCluster.Silo.Geo;

/// <summary>Opens database files.</summary>
internal static class DatabaseFile
{
    /// <summary>The metadata begin within so many bytes of the end; the format says so.</summary>
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
    /// <exception cref="InvalidDatabaseException">It is no database, or one that is not understood. The reader has other exceptions for that, too.</exception>
    public static OpenDatabase Open(string path)
    {
        var copy = Path.Combine(Path.GetTempPath(), $"session-cluster-geoip-{Path.GetRandomFileName()}");
        FindMetadata(path);
        try
        {
            Copy(path, copy);
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

    /// <summary>Deletes a copy, unless it is still mapped on a Windows.</summary>
    public static void Delete(string copy)
    {
        try
        {
            File.Delete(copy);
        }
        catch (Exception e) when (OperatingSystem.IsWindows() && e is (IOException or UnauthorizedAccessException))
        {
            // Its owner tries again when it is closed.
        }
    }

    /// <summary>Spares what is no database at all the copy, and the reader, which would look through all of it.</summary>
    private static void FindMetadata(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var tail = new byte[MetadataWithin];
        var read = RandomAccess.Read(file, tail, Math.Max(0, RandomAccess.GetLength(file) - tail.Length));
        if (tail.AsSpan(0, read).IndexOf(Marker) < 0)
        {
            throw new InvalidDatabaseException("There is no metadata marker near its end: it is no MaxMind database, or one that is cut off.");
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
            throw new InvalidDatabaseException("The database says that it was built in a year that there is not.", e);
        }
    }

    private static void Copy(string path, string copy)
    {
        using var from = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var to = new FileStream(copy, options);
        from.CopyTo(to);
    }
}
