namespace SessionCluster.Embedded;

/// <summary>A state that is read when its grain begins.</summary>
internal interface IStoredState
{
    Task ReadStateAsync();
}

/// <summary>A grain's stored state; it is itself what storage reads into and writes from.</summary>
internal sealed class PersistentState<T>(Activation owner, int place) : IPersistentState<T>, IGrainState<T>, IStoredState
{
    public T State { get; set; } = Activator.CreateInstance<T>();

    public string? ETag { get; set; }

    public string? Etag => ETag;

    public bool RecordExists { get; set; }

    // The place of its name in its grain class.
    private readonly byte place = checked((byte)place);

    private string Name => owner.Table.Class.StateNames[place];

    public Task ReadStateAsync() => owner.Owner.Storage.ReadStateAsync(Name, owner.GrainId, this);

    public Task WriteStateAsync() => owner.Owner.Storage.WriteStateAsync(Name, owner.GrainId, this);

    public Task ClearStateAsync() => owner.Owner.Storage.ClearStateAsync(Name, owner.GrainId, this);
}
