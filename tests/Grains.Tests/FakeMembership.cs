using SessionCluster.Sessions;

namespace SessionCluster.Grains.Tests;

/// <summary>A membership that is as a test says.</summary>
internal sealed class FakeMembership : IMembershipWatch
{
    public bool IsUnchanged { get; set; } = true;

    public bool IsMember { get; set; } = true;

    public long KnownVersion { get; set; } = 7;

    public bool IsSettled { get; set; } = true;

    public long SettledVersion(TimeSpan period) => IsSettled ? KnownVersion : IMembershipWatch.NotSettled;

    /// <summary>What happens while it is asked.</summary>
    public Action? Asking { get; set; }

    /// <summary>The periods that were asked for.</summary>
    public List<TimeSpan> Asked { get; } = [];

    /// <summary>The version at which the membership was asked for last.</summary>
    public long AskedVersion { get; private set; }

    public ValueTask<bool> UnchangedFor(TimeSpan period, long version)
    {
        AskedVersion = version;
        Asked.Add(period);
        return ValueTask.FromResult(IsUnchanged);
    }

    public ValueTask<bool> WasMemberWithin(TimeSpan period, long? begun = null)
    {
        Asking?.Invoke();
        Asked.Add(period);
        return ValueTask.FromResult(IsMember);
    }
}
