using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace SessionCluster.Api.Metrics;

/// <summary>
/// Shows how much is in the database: measured when the meters are read, at most once in <see cref="KeptFor"/>. A collector, to which they
/// are sent, gets what was measured at the time before. What cannot be measured now is not shown; but a count of the sessions is shown until
/// the next one ends.
/// </summary>
internal sealed class StorageGauges
{
    /// <summary>How old what is shown may be: reading the meters often does not count the sessions often.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(10);

    /// <summary>How long the database may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly IStorageLevels? _source;

    private readonly TimeProvider _time;

    private volatile StorageSizes? _sizes;

    private volatile StrongBox<long>? _live;

    private Task _counting = Task.CompletedTask;

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
        meter.CreateObservableGauge("sessioncluster.sessions.live", () => Shown(() => _live?.Value), "{session}", "Live sessions in the database.");
        meter.CreateObservableGauge("sessioncluster.database.size", () => Shown(() => _sizes?.DatabaseBytes), "By", "Size of the database.");
        meter.CreateObservableGauge("sessioncluster.database.log.size", () => Shown(() => _sizes?.LogBytes), "By", "Size of the database's log (WAL).");
        meter.CreateObservableGauge("sessioncluster.disk.free", () => Shown(() => _sizes?.FreeBytes), "By", "What is free on the disk of the data folder.");
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
            _sizes = await source.ReadSizes().WaitAsync(Patience, _time);
        }
        catch (Exception)
        {
            // The storage says itself, in the log and to all who ask it for more, that it does not answer.
            _sizes = null;
        }

        if (_counting.IsCompleted)
        {
            _counting = Count(source);
        }

        // One that takes longer is waited for no more, and goes on.
        await Task.WhenAny(_counting, Task.Delay(Patience, _time));
    }

    private async Task Count(IStorageLevels source)
    {
        try
        {
            _live = new StrongBox<long>(await source.CountLive());
        }
        catch (Exception)
        {
            // Lists may keep a count waiting for too long while all else goes on: the former one is nearer to the truth than none.
            _live = _sizes is null ? null : _live;
        }
    }

    private IEnumerable<Measurement<long>> Shown(Func<long?> level)
    {
        var shown = level();
        if (!PrometheusText.IsReading)
        {
            _ = Refresh();
        }

        return shown is { } known ? [new Measurement<long>(known)] : [];
    }
}
