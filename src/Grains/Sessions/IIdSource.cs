namespace SessionCluster.Sessions;

/// <summary>Where new ids of sessions, devices and events come from; a simulation supplies its own.</summary>
public interface IIdSource
{
    /// <summary>A UUID in the layout of version 4 (RFC 9562): 122 random bits.</summary>
    Guid NewId();
}

/// <summary>Ids from the operating system's cryptographic generator.</summary>
public sealed class RandomIdSource : IIdSource
{
    public Guid NewId() => RandomUuid.Next();
}
