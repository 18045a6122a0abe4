using System.ComponentModel;

namespace SessionCluster.Embedded;

/// <summary>The base of emitted references. Holds no activation, so it stays valid across them.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class GrainReference
{
    protected GrainReference(GrainTable table, string key)
    {
        Table = table;
        Key = key;
    }

    internal GrainTable Table { get; }

    internal string Key { get; }

    public override string ToString() => $"{Table.Class.GrainType}/{Key}";
}

/// <summary>One grain class in one engine: its activations by key. Public only because emitted code refers to it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class GrainTable
{
    internal GrainTable(GrainEngine engine, GrainClass grainClass)
    {
        Engine = engine;
        Class = grainClass;
        IdleAge = engine.Options.IdleAgeOf(grainClass.Type);
    }

    internal GrainEngine Engine { get; }

    internal GrainClass Class { get; }

    internal TimeSpan IdleAge { get; }

    internal ActivationTable Activations { get; } = new();
}
