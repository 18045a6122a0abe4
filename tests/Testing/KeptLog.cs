using Microsoft.Extensions.Logging;

namespace SessionCluster.Testing;

/// <summary>Keeps what is logged.</summary>
internal class KeptLog : ILogger
{
    private readonly List<(LogLevel Level, string Text)> _entries = [];

    public IReadOnlyList<string> Errors => Of(LogLevel.Error);

    public IReadOnlyList<string> Warnings => Of(LogLevel.Warning);

    public IReadOnlyList<string> Informations => Of(LogLevel.Information);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_entries)
        {
            _entries.Add((logLevel, formatter(state, exception)));
        }
    }

    private List<string> Of(LogLevel level)
    {
        lock (_entries)
        {
            return [.. _entries.Where(entry => entry.Level == level).Select(entry => entry.Text)];
        }
    }
}

/// <summary>The same for a class that asks for the log of its own name.</summary>
internal sealed class KeptLog<T> : KeptLog, ILogger<T>;

/// <summary>The same for all classes of a host.</summary>
internal sealed class KeptLogs : ILoggerProvider
{
    public KeptLog Kept { get; } = new();

    public ILogger CreateLogger(string categoryName) => Kept;

    public void Dispose()
    {
        // What was kept stays.
    }
}
