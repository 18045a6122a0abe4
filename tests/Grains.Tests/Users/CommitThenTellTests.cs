using SessionCluster.Grains.Tests.Sessions;
using SessionCluster.Sessions;
using SessionCluster.Storage;
using SessionCluster.Users;

namespace SessionCluster.Grains.Tests.Users;

public sealed class CommitThenTellTests
{
    private readonly FakeUser _user = new();

    /// <summary>The telling is another call, which may reach a new activation that cannot read its ledger.</summary>
    [Fact]
    public async Task A_storage_that_fails_after_the_commit_is_not_told_as_nothing_written()
    {
        _user.Telling = () => throw Away();

        Assert.True((await Assert.ThrowsAsync<StorageUnavailableException>(End)).OutcomeUnknown);
        Assert.Single(_user.Ends);
    }

    [Fact]
    public async Task A_storage_that_fails_the_commit_itself_is_told_as_it_said()
    {
        _user.Committing = () => throw Away();

        Assert.False((await Assert.ThrowsAsync<StorageUnavailableException>(End)).OutcomeUnknown);
        Assert.Equal(0, _user.Tells);
    }

    private static StorageUnavailableException Away() => new("The database is away.", outcomeUnknown: false);

    private Task<Receipt?> End() => new CommitThenTell(MadeUpGrains.Factory((_, _) => _user))
        .End(new UserId("42"), new EndCommand(null, EndReason.LoggedOut));
}
