namespace SessionCluster.Simulation.Runtime;

/// <content>References by key, and observers.</content>
internal abstract partial class SimProcess : IGrainFactory
{
    public TGrain GetGrain<TGrain>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrain : IGrainWithGuidKey => (TGrain)GetGrain(typeof(TGrain), GrainIdKeyExtensions.CreateGuidKey(primaryKey));

    public TGrain GetGrain<TGrain>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrain : IGrainWithIntegerKey => (TGrain)GetGrain(typeof(TGrain), GrainIdKeyExtensions.CreateIntegerKey(primaryKey));

    public TGrain GetGrain<TGrain>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrain : IGrainWithStringKey => (TGrain)GetGrain(typeof(TGrain), IdSpan.Create(primaryKey));

    public TGrain GetGrain<TGrain>(Guid primaryKey, string keyExtension, string? grainClassNamePrefix = null)
        where TGrain : IGrainWithGuidCompoundKey => (TGrain)GetGrain(typeof(TGrain), GrainIdKeyExtensions.CreateGuidKey(primaryKey, keyExtension));

    public TGrain GetGrain<TGrain>(long primaryKey, string keyExtension, string? grainClassNamePrefix = null)
        where TGrain : IGrainWithIntegerCompoundKey => (TGrain)GetGrain(typeof(TGrain), GrainIdKeyExtensions.CreateIntegerKey(primaryKey, keyExtension));

    public TGrain GetGrain<TGrain>(GrainId grainId)
        where TGrain : IAddressable => (TGrain)(object)NewReference(typeof(TGrain), grainId);

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey) => (IGrain)GetGrain(grainInterfaceType, GrainIdKeyExtensions.CreateGuidKey(grainPrimaryKey));

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey) => (IGrain)GetGrain(grainInterfaceType, GrainIdKeyExtensions.CreateIntegerKey(grainPrimaryKey));

    public IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey) => (IGrain)GetGrain(grainInterfaceType, IdSpan.Create(grainPrimaryKey));

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey, string keyExtension) =>
        (IGrain)GetGrain(grainInterfaceType, GrainIdKeyExtensions.CreateGuidKey(grainPrimaryKey, keyExtension));

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey, string keyExtension) =>
        (IGrain)GetGrain(grainInterfaceType, GrainIdKeyExtensions.CreateIntegerKey(grainPrimaryKey, keyExtension));

    public IAddressable GetGrain(Type interfaceType, IdSpan grainKey) => NewReference(interfaceType, GrainId.Create(TargetOf(interfaceType), grainKey));

    public IAddressable GetGrain(Type interfaceType, IdSpan grainKey, string grainClassNamePrefix) => GetGrain(interfaceType, grainKey);

    public IAddressable GetGrain(GrainId grainId) => throw new NotSupportedException("A reference needs an interface here.");

    public IAddressable GetGrain(GrainId grainId, GrainInterfaceType interfaceType) => NewReference(OrleansParts.ContractOf(interfaceType), grainId);

    /// <summary>As in Orleans, the observer is held weakly: it lives as long as its owner holds it.</summary>
    public TObserver CreateObjectReference<TObserver>(IGrainObserver obj)
        where TObserver : IGrainObserver
    {
        if (obj is GrainReference or IGrainBase or not TObserver)
        {
            throw new ArgumentException($"An observer is an object, no grain and no reference, that implements {typeof(TObserver)}.", nameof(obj));
        }

        var id = GrainId.Create(SimObserver.Type, IdSpan.Create($"{ObserverPrefix}{++_observerNumbers}"));
        _observers.Add(id, new SimObserver(this, id, obj));
        return (TObserver)(object)NewReference(typeof(TObserver), id);
    }

    public void DeleteObjectReference<TObserver>(IGrainObserver obj)
        where TObserver : IGrainObserver
    {
        if (obj is not GrainReference reference || !_observers.Remove(reference.GrainId))
        {
            throw new ArgumentException("This is not a reference to an observer of this process.", nameof(obj));
        }
    }
}
