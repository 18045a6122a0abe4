using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace SessionCluster.Grains.Tests;

/// <summary>What one counter counts in one test: the counters are those of the process, in which other tests run at the same time.</summary>
internal sealed class Counted : IDisposable
{
    private static readonly AsyncLocal<Counted?> OfThisTest = new();

    private readonly MeterListener _listener = new();

    private readonly ConcurrentQueue<string?> _labels = new();

    public Counted(string counter)
    {
        OfThisTest.Value = this;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == counter)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, _, tags, _) => Note((string?)tags[0].Value));
        _listener.Start();
    }

    /// <summary>The label of each that was counted.</summary>
    public IEnumerable<string?> Labels => _labels;

    public void Dispose() => _listener.Dispose();

    private void Note(string? label)
    {
        if (OfThisTest.Value == this)
        {
            _labels.Enqueue(label);
        }
    }
}
