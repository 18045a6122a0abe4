using MaxMind.GeoIP2;
using System.Net.Sockets;

namespace SessionCluster.Silo.Geo;

/// <summary>
/// One database file that may be missing, broken or replaced at any time. <see cref="Check"/> looks at the file and loads what is
/// new; <see cref="Find"/> answers from what was loaded last. A file that cannot be used is reported once and changes nothing.
/// </summary>
/// <param name="setting">The setting that names the file, for messages.</param>
/// <param name="probe">A look-up that throws on a database of the wrong type.</param>
/// <param name="logger">Where problems are reported.</param>
internal sealed partial class WatchedDatabase(string setting, string path, Action<DatabaseReader> probe, ILogger logger)
{
    private readonly Lock _checking = new();
    private volatile OpenDatabase? _current;
    private FileStamp? _seen;
    private string? _seenProblem;
    private string? _problem;
    private bool _closed;

    /// <summary>Looks at the file and loads it if it is not the one seen last. Never throws.</summary>
    public void Check()
    {
        lock (_checking)
        {
            if (_closed)
            {
                return;
            }

            try
            {
                var stamp = FileStamp.Read(path);
                if (stamp != _seen)
                {
                    Load(stamp);
                }
                else
                {
                    _problem = _seenProblem;
                }
            }
            catch (Exception e)
            {
                // The file may become readable without changing: it is tried again at the next check.
                Report(e.Message);
            }
        }
    }

    /// <summary>What is in use now. Never throws.</summary>
    public GeoDatabaseInfo Describe()
    {
        var database = Enter();
        try
        {
            var metadata = database?.Reader.Metadata;
            return new GeoDatabaseInfo(setting, path, metadata?.DatabaseType, metadata is null ? null : new DateTimeOffset(metadata.BuildDate, TimeSpan.Zero), _problem);
        }
        finally
        {
            database?.Leave();
        }
    }

    /// <summary>Looks up in the current database; default where there is none, no record, or a damaged one. Never throws.</summary>
    public T? Find<T>(IPAddress address, Func<DatabaseReader, IPAddress, T?> find)
        where T : class
    {
        var database = Enter();
        if (database is null)
        {
            return null;
        }

        try
        {
            // In a database for IPv4 the reader would look for the first 32 bits of an IPv6 address.
            return database.Reader.Metadata.IPVersion == 4 && address.AddressFamily == AddressFamily.InterNetworkV6 ? null : find(database.Reader, address);
        }
        catch (Exception e)
        {
            if (database.FirstDamage())
            {
                LogDamage(logger, setting, path, e.Message);
            }

            return null;
        }
        finally
        {
            database.Leave();
        }
    }

    /// <summary>Lets go of the database for good.</summary>
    public void Close()
    {
        lock (_checking)
        {
            _closed = true;
            Replace(null);
        }
    }

    private OpenDatabase? Enter()
    {
        // A database that is closed has been replaced before, so the next round sees its successor.
        while (_current is { } database)
        {
            if (database.TryEnter())
            {
                return database;
            }
        }

        return null;
    }

    private void Load(FileStamp stamp)
    {
        OpenDatabase? next = null;
        try
        {
            next = DatabaseFile.Open(path);
            probe(next.Reader);
        }
        catch (Exception e)
        {
            // The reader's own words for a database of another kind name its method.
            var problem = e is InvalidOperationException && next is not null ? $"a database of type {next.Reader.Metadata.DatabaseType} is not what this setting is for." : e.Message;
            next?.Leave();
            if (e is IOException or UnauthorizedAccessException)
            {
                throw;
            }

            // Broken or of the wrong type: it stays so until the file changes.
            (_seen, _seenProblem) = (stamp, problem);
            Report(problem);
            return;
        }

        (_seen, _seenProblem, _problem) = (stamp, null, null);
        LogLoaded(logger, setting, path, next.Reader.Metadata.DatabaseType, next.Reader.Metadata.BuildDate);
        Replace(next);
    }

    private void Replace(OpenDatabase? next)
    {
        var previous = _current;
        _current = next;
        previous?.Leave();
    }

    private void Report(string problem)
    {
        if (problem == _problem)
        {
            return;
        }

        _problem = problem;
        if (_current is null)
        {
            LogUnusable(logger, setting, path, problem);
        }
        else
        {
            LogKept(logger, setting, path, problem);
        }
    }

    [LoggerMessage(5001, LogLevel.Information, "{Setting}: {Path} is in use (type {DatabaseType}, built {BuildDate:u})")]
    private static partial void LogLoaded(ILogger logger, string setting, string path, string databaseType, DateTime buildDate);

    [LoggerMessage(5002, LogLevel.Warning, "{Setting}: {Path} cannot be used, look-ups find nothing: {Reason}")]
    private static partial void LogUnusable(ILogger logger, string setting, string path, string reason);

    [LoggerMessage(5003, LogLevel.Warning, "{Setting}: {Path} cannot be used, the database loaded before stays in use: {Reason}")]
    private static partial void LogKept(ILogger logger, string setting, string path, string reason);

    [LoggerMessage(5004, LogLevel.Warning, "{Setting}: {Path} has a damaged record, which counts as none: {Reason}")]
    private static partial void LogDamage(ILogger logger, string setting, string path, string reason);
}
