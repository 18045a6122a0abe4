namespace SessionCluster.Embedded;

// The attributes that grains and contracts carry, under Orleans' names. Embedded itself acts on AlwaysInterleave,
// GrainType and PersistentState only; the others describe the wire, which one process does not have.

/// <summary>The type crosses the wire under Orleans.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class GenerateSerializerAttribute : Attribute;

/// <summary>The number of a member on the wire; unique in its type, never reused.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class IdAttribute(uint id) : Attribute
{
    public uint Id { get; } = id;
}

/// <summary>The durable name of a type or method on the wire.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Interface | AttributeTargets.Method | AttributeTargets.Enum)]
public sealed class AliasAttribute(string alias) : Attribute
{
    public string Alias { get; } = alias;
}

/// <summary>The type is deeply immutable: it may be shared between caller and callee without a copy.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Property | AttributeTargets.Field | AttributeTargets.Parameter)]
public sealed class ImmutableAttribute : Attribute;

/// <summary>The durable name of a grain class.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class GrainTypeAttribute(string grainType) : Attribute
{
    public string GrainType { get; } = grainType;
}

/// <summary>Calls of this method run between the turns of any other call of the same grain.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AlwaysInterleaveAttribute : Attribute;

/// <summary>Asks for a stored state in a grain's constructor.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class PersistentStateAttribute(string stateName, string? storageName = null) : Attribute
{
    /// <summary>The name that the state is stored under; unique across grain classes.</summary>
    public string StateName { get; } = stateName;

    /// <summary>Accepted for Orleans' sake: an embedded engine has one storage.</summary>
    public string? StorageName { get; } = storageName;
}
