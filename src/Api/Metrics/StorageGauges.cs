using System.Diagnostics.Metrics;

namespace SessionCluster.Api.Metrics;

/// <summary>
/// Shows how much is in the database: measured when the meters are read, at most once in <see cref="KeptFor"/>. A collector, to which they
/// are sent, gets what was measured at the time before. What cannot be measured now is not shown.
/// </summary>
internal sealed class StorageGauges
{
    /// <summary>How old what is shown may be: reading the meters often does not count the sessions often.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(10);

    /// <summary>How long the database may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly IStorageLevels? _source;

    private readonly TimeProvider _time;

    private StorageLevels? _levels;

    private long? _measured;

    private Task _measuring = Task.CompletedTask;

    public StorageGauges(IMeterFactory meters, TimeProvider time, IStorageLevels? source = null)
    {
        (_source, _time) = (source, time);
        if (source is null)
        {
            return;
        }

        var meter = meters.Create(MetricOptions.OwnMeter);
        meter.CreateObservableGauge("sessioncluster.sessions.live", () => Shown(levels => levels.LiveSessions), "{session}", "Live sessions in the database.");
        meter.CreateObservableGauge("sessioncluster.database.size", () => Shown(levels => levels.DatabaseBytes), "By", "Size of the database.");
        meter.CreateObservableGauge("sessioncluster.database.log.size", () => Shown(levels => levels.LogBytes), "By", "Size of the database's log (WAL).");
        meter.CreateObservableGauge("sessioncluster.disk.free", () => Shown(levels => levels.FreeBytes), "By", "What is free on the disk of the data folder.");
    }

    /// <summary>Measures, unless that was done a moment ago.</summary>
    public Task Refresh()
    {
        if (_source is null || (_measured is { } last && _time.GetElapsedTime(last) < KeptFor))
        {
            return _measuring;
        }

        _measured = _time.GetTimestamp();
        return _measuring = Measure(_source);
    }

    private async Task Measure(IStorageLevels source)
    {
        try
        {
            _levels = await source.Read().WaitAsync(Patience, _time);
        }
        catch (Exception)
        {
            // The storage says itself, in the log and to all who ask it for more, that it does not answer.
            _levels = null;
        }
    }

    private IEnumerable<Measurement<long>> Shown(Func<StorageLevels, long?> level)
    {
        var shown = _levels;
        _ = Refresh();
        return shown is not null && level(shown) is { } known ? [new Measurement<long>(known)] : [];
    }
}
