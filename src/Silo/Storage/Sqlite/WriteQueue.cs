namespace SessionCluster.Silo.Storage;

/// <summary>How adding to a <see cref="WriteQueue"/> went.</summary>
internal enum Enqueued
{
    Added = 0,
    Full = 1,
    Closed = 2,
}

/// <summary>The writes that wait for the one writer, in the order they came.</summary>
internal sealed class WriteQueue(int limit)
{
    private readonly object _gate = new();

    private readonly Queue<WriteOperation> _waiting = new();

    private bool _closed;

    public Enqueued Add(WriteOperation operation)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return Enqueued.Closed;
            }

            if (_waiting.Count >= limit)
            {
                return Enqueued.Full;
            }

            _waiting.Enqueue(operation);
            Monitor.Pulse(_gate);
            return Enqueued.Added;
        }
    }

    /// <summary>Waits for writes and moves up to <paramref name="most"/> into the group; false once closed and empty.</summary>
    public bool Take(List<WriteOperation> group, int most)
    {
        lock (_gate)
        {
            while (_waiting.Count == 0)
            {
                if (_closed)
                {
                    return false;
                }

                Monitor.Wait(_gate);
            }

            while (group.Count < most && _waiting.TryDequeue(out var operation))
            {
                group.Add(operation);
            }

            return true;
        }
    }

    /// <summary>Takes no more; what waits is still handed out.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }
}
