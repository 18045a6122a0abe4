namespace SessionCluster.Storage;

/// <summary>A state whose row may be deleted once it is over; storage keeps the moment where it can find such rows.</summary>
public interface IExpiringState
{
    /// <summary>From here on the state means nothing.</summary>
    DateTimeOffset Expires { get; }
}
