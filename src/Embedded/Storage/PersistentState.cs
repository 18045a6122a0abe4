namespace SessionCluster.Embedded;

/// <summary>A state that is read when its grain begins.</summary>
internal interface IStoredState
{
    Task ReadStateAsync();
}

/// <summary>A grain's stored state; it is itself what storage reads into and writes from.</summary>
internal sealed class PersistentState<T>(IGrainStorage storage, string name, GrainId grainId) : IPersistentState<T>, IGrainState<T>, IStoredState
{
    public T State { get; set; } = Activator.CreateInstance<T>();

    public string? ETag { get; set; }

    public string? Etag => ETag;

    public bool RecordExists { get; set; }

    public Task ReadStateAsync() => storage.ReadStateAsync(name, grainId, this);

    public Task WriteStateAsync() => storage.WriteStateAsync(name, grainId, this);

    public Task ClearStateAsync() => storage.ClearStateAsync(name, grainId, this);
}
