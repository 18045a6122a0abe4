namespace SessionCluster.Conformance.Tests;

/// <summary>An engine that runs the suite's grains. One serves the whole suite: every test uses keys of its own.</summary>
public interface IConformanceCluster : IAsyncLifetime
{
    /// <summary>How long callers wait for an answer.</summary>
    static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(3);

    /// <summary>How long a <see cref="BriefGrain"/> lives on without a call; looked for every half of it.</summary>
    static readonly TimeSpan BriefIdleAge = TimeSpan.FromSeconds(2);

    IGrainFactory Grains { get; }

    /// <summary>Ends every activation that is not at work.</summary>
    Task DeactivateAll();
}

/// <summary>All tests of the suite run on one cluster.</summary>
[CollectionDefinition(Name)]
public sealed class ConformanceSuite : ICollectionFixture<ConformanceCluster>
{
    public const string Name = "conformance";
}
