namespace SessionCluster.Embedded;

/// <summary>A state that is read when its grain begins.</summary>
internal interface IStoredState
{
    Task ReadStateAsync();
}

/// <summary>A grain's stored state; it is itself what storage reads into and writes from.</summary>
internal sealed class PersistentState<T>(Activation owner, string name) : IPersistentState<T>, IGrainState<T>, IStoredState
{
    public T State { get; set; } = Activator.CreateInstance<T>();

    public string? ETag { get; set; }

    public string? Etag => ETag;

    public bool RecordExists { get; set; }

    public Task ReadStateAsync() => owner.Owner.Storage.ReadStateAsync(name, owner.GrainId, this);

    public Task WriteStateAsync() => owner.Owner.Storage.WriteStateAsync(name, owner.GrainId, this);

    public Task ClearStateAsync() => owner.Owner.Storage.ClearStateAsync(name, owner.GrainId, this);
}
