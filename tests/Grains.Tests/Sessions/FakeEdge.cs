using SessionCluster.Sessions;

namespace SessionCluster.Grains.Tests.Sessions;

/// <summary>A process that answers checks; it acknowledges at once unless a test holds that up.</summary>
internal sealed class FakeEdge(int number) : IEdge
{
    public EdgeQuestion Question => new(new Guid(number, 0, 0, new byte[8]), this, null);

    public int Drops { get; private set; }

    public Func<Task> Dropping { get; set; } = () => Task.CompletedTask;

    /// <summary>The last use, which it tells when it drops a share.</summary>
    public DateTimeOffset? LastUsed { get; init; }

    public async Task<DateTimeOffset?> Drop(SessionId session)
    {
        Drops++;
        await Dropping();
        return LastUsed;
    }
}
