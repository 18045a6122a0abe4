namespace SessionCluster.Silo.Hosting;

/// <summary>What the grains count is shown from the start.</summary>
internal sealed class GrainCounts : IFirstCounts
{
    public void ShowAll() => SessionMetrics.ShowAll();
}
