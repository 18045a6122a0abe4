namespace SessionCluster.Domain.Tests;

/// <summary>The product's grains on its own storage, without the HTTP edge. One serves the whole suite: every test has users of its own.</summary>
public interface IDomainCluster : IAsyncLifetime
{
    IGrainFactory Grains { get; }

    /// <summary>The clock of all nodes.</summary>
    MovedTime Time { get; }

    /// <summary>Ends every activation that is not at work: what comes next is read from the storage.</summary>
    Task DeactivateAll();
}

/// <summary>All tests of the suite run on one cluster.</summary>
[CollectionDefinition(Name)]
public sealed class DomainSuite : ICollectionFixture<DomainCluster>
{
    public const string Name = "domain";
}
