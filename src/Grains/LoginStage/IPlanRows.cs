namespace SessionCluster.LoginStage;

/// <summary>The rows of plans, beside their grains.</summary>
public interface IPlanRows
{
    /// <summary>Deletes up to <paramref name="limit"/> plans that were over before <paramref name="before"/>; how many.</summary>
    Task<int> Prune(DateTimeOffset before, int limit);
}
