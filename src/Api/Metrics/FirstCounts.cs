namespace SessionCluster.Api.Metrics;

/// <summary>Counters that are shown from the start, when all they count is nothing: so that the first of a kind is seen as a rise.</summary>
public interface IFirstCounts
{
    /// <summary>Adds nothing to each counter, with each set of its labels.</summary>
    void ShowAll();
}

/// <summary>Shows all counters once somebody listens to them.</summary>
internal sealed class FirstCounts(IEnumerable<IFirstCounts> counts) : LifecycleStep
{
    /// <summary>The meters are gathered now.</summary>
    public override Task StartedAsync(CancellationToken cancellationToken)
    {
        foreach (var group in counts)
        {
            group.ShowAll();
        }

        return Task.CompletedTask;
    }
}
