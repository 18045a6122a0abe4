namespace SessionCluster.Events;

/// <summary>A stored event.</summary>
public sealed record EventV1
{
    public Guid Pk { get; init; }

    public string Action { get; init; } = "";

    public string UserPk { get; init; } = "";

    public string Username { get; init; } = "";

    public string Email { get; init; } = "";

    public string Name { get; init; } = "";

    public string? ClientIp { get; init; }

    public Guid? Session { get; init; }

    public DateTimeOffset Created { get; init; }

    /// <summary>The context: JSON text inside a JSON string, so that no database reorders it.</summary>
    public string Context { get; init; } = "{}";
}
