namespace SessionCluster.Sessions;

/// <summary>Where new ids of sessions, devices and events come from; a simulation supplies its own.</summary>
public interface IIdSource
{
    /// <summary>A UUID in the layout of version 4 (RFC 9562): 122 random bits.</summary>
    Guid NewId();

    /// <summary>The key of an event: it begins with the moment, so that rows of the log are appended to the index of their keys.</summary>
    Guid NewEventId(DateTimeOffset moment);
}

/// <summary>Ids from the operating system's cryptographic generator.</summary>
public sealed class RandomIdSource : IIdSource
{
    public Guid NewId() => RandomUuid.Next();

    public Guid NewEventId(DateTimeOffset moment) => Guid.CreateVersion7(moment);
}
