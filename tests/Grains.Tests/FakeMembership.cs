using SessionCluster.Sessions;

namespace SessionCluster.Grains.Tests;

/// <summary>A membership that is as a test says.</summary>
internal sealed class FakeMembership : IMembershipWatch
{
    public bool IsUnchanged { get; set; } = true;

    public bool IsMember { get; set; } = true;

    /// <summary>The periods that were asked for.</summary>
    public List<TimeSpan> Asked { get; } = [];

    public ValueTask<bool> UnchangedFor(TimeSpan period)
    {
        Asked.Add(period);
        return ValueTask.FromResult(IsUnchanged);
    }

    public ValueTask<bool> WasMemberWithin(TimeSpan period)
    {
        Asked.Add(period);
        return ValueTask.FromResult(IsMember);
    }
}
