namespace SessionCluster;

/// <summary>
/// A record with what people or front ends say. Orleans puts the arguments of a call as text into its log and its exceptions: of these it gets
/// the name of the type alone.
/// </summary>
[GenerateSerializer, Immutable, Alias("sc.sensitive")]
public abstract record Sensitive
{
    public sealed override string ToString() => GetType().Name;
}
