using System.Collections.Immutable;
using SessionCluster.Bindings;
using SessionCluster.Events;

namespace SessionCluster.LoginStage;

/// <summary>The stored row of the stage catalog.</summary>
public sealed record StageCatalogV1
{
    /// <summary>The state name that the catalog grain stores under.</summary>
    public const string StateName = "stages";

    public int Schema { get; init; } = 1;

    public ImmutableArray<StageV1> Stages { get; init; } = [];

    /// <summary>
    /// The event of the last change: stored together with it, and appended to the log after it, so that none is lost in between.
    /// </summary>
    public EventV1? Event { get; init; }
}

/// <summary>One stored stage; durations verbatim.</summary>
public sealed record StageV1
{
    public Guid Pk { get; init; }

    public string Name { get; init; } = "";

    public string SessionDuration { get; init; } = "";

    public string RememberMeOffset { get; init; } = "";

    public string RememberDevice { get; init; } = "";

    public bool TerminateOtherSessions { get; init; }

    public NetworkBinding NetworkBinding { get; init; }

    public GeoIpBinding GeoIpBinding { get; init; }
}
