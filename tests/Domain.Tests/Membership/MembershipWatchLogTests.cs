namespace SessionCluster.Domain.Tests.Membership;

/// <summary>What the watch says in the log.</summary>
public sealed class MembershipWatchLogTests
{
    private readonly WatchRun _run = new();

    [Fact]
    public void A_table_that_cannot_be_read_is_told_of_once_and_so_is_its_end() => _run.Run(async () =>
    {
        await _run.Wait(2.5);
        _run.IsBroken = true;
        await _run.Wait(5);
        Assert.Single(_run.Log.Warnings, line => line.StartsWith("The membership table cannot be read", StringComparison.Ordinal));
        Assert.Empty(_run.Log.Informations);

        _run.IsBroken = false;
        await _run.Wait(5);
        Assert.Equal(["The membership table can be read again."], _run.Log.Informations);
    });

    [Fact]
    public void A_change_of_the_membership_is_told_of() => _run.Run(async () =>
    {
        await _run.Wait(2.5);
        Assert.Empty(_run.Log.Informations);

        _run.Table = new(8, IsMember: true, Members: 3);
        await _run.Wait(5);
        Assert.Equal(
            ["The membership has changed (version 8, 3 active members); for the next 15 seconds endings may have to wait 10 seconds."], _run.Log.Informations);
    });
}
