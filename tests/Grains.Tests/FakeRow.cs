namespace SessionCluster.Grains.Tests;

/// <summary>A stored row whose next writes a test can hold up or fail.</summary>
internal sealed class FakeRow<TState> : IPersistentState<TState>
    where TState : class, new()
{
    /// <summary>What the next writes do before they store; a write beyond them stores at once.</summary>
    public Queue<Func<Task>> Writes { get; } = new();

    /// <summary>What is stored; null when there is no row.</summary>
    public TState? Stored { get; set; }

    public int Reads { get; set; }

    public TState State { get; set; } = new();

    public string? Etag => Stored is null ? null : "1";

    public bool RecordExists { get; private set; }

    public Task ReadStateAsync()
    {
        Reads++;
        State = Stored ?? new TState();
        RecordExists = Stored is not null;
        return Task.CompletedTask;
    }

    public async Task WriteStateAsync()
    {
        var state = State;
        await (Writes.TryDequeue(out var write) ? write() : Task.CompletedTask);
        Stored = state;
        RecordExists = true;
    }

    public Task ClearStateAsync() => throw new NotSupportedException();
}
