namespace SessionCluster.Api.Metrics;

/// <summary>Counters that are shown from the start, when all they count is nothing: so that the first of a kind is seen as a rise.</summary>
/// <param name="Show">Adds nothing to each counter, with each set of its labels.</param>
public sealed record FirstCounts(Action Show);

/// <summary>Shows all counters once somebody listens to them.</summary>
internal sealed class ShownCounts(IEnumerable<FirstCounts> counts) : LifecycleStep
{
    /// <summary>The meters are gathered now.</summary>
    public override Task StartedAsync(CancellationToken cancellationToken)
    {
        foreach (var group in counts)
        {
            group.Show();
        }

        return Task.CompletedTask;
    }
}
