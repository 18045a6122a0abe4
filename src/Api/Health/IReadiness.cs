namespace SessionCluster.Api.Health;

/// <summary>What the hosting process knows about being ready to serve; it implements this.</summary>
public interface IReadiness
{
    /// <summary>Why the process cannot serve now, in one sentence without secrets; null when it can.</summary>
    ValueTask<string?> WhyNotReady(CancellationToken cancellationToken);
}
