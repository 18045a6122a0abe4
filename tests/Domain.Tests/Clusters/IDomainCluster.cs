using SessionCluster.Alerts;

namespace SessionCluster.Domain.Tests.Clusters;

/// <summary>The product's grains on its own storage, without the HTTP edge. One serves all tests of its kind: every test has users of its own.</summary>
public interface IDomainCluster : IAsyncLifetime
{
    IGrainFactory Grains { get; }

    /// <summary>The clock of all processes.</summary>
    MovedTime Time { get; }

    /// <summary>Sends no alerts: that is done beside the HTTP API, whose links it needs.</summary>
    internal static IAlertSender NoSender { get; } = Stub.Of<IAlertSender>((_, _) => false);

    /// <summary>Ends every activation that is not at work: what comes next is read from the storage.</summary>
    Task DeactivateAll();
}
