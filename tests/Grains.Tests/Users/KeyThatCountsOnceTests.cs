using SessionCluster.Sessions;
using SessionCluster.Users;
using static SessionCluster.Grains.Tests.Users.LedgerBench;

namespace SessionCluster.Grains.Tests.Users;

/// <summary>Links of one use: the ledger remembers them for as long as they could serve.</summary>
public sealed class KeyThatCountsOnceTests
{
    private readonly LedgerBench _bench = new();

    [Fact]
    public void A_key_that_counts_once_outlasts_any_number_of_other_requests_and_forgets_the_device_in_its_commit()
    {
        var login = _bench.Login(Command());
        var once = new Idempotency("link", "", Once: true);

        Assert.Equal([login.Session!.Id], EndBy(once, login.Session.Created).Ending!.Ended.ToArray());
        Assert.Empty(_bench.State.Devices);
        for (var i = 0; i <= Ledger.MaxAnswers; i++)
        {
            _bench.Login(Command(key: new Idempotency($"k{i}", "b")));
        }

        Assert.NotNull(_bench.Ledger().FindAnswer(once));
        Assert.Equal(Ledger.MaxAnswers + 1, _bench.State.Answered.Length);
        _bench.Time.Advance(TimeSpan.FromHours(24));
        EndBy(new Idempotency("other", ""), null);
        Assert.Single(_bench.State.Answered);
    }

    [Fact]
    public void So_many_keys_that_count_once_are_taken_and_more_are_refused_without_a_change()
    {
        for (var i = 0; i < Ledger.MaxAnswers; i++)
        {
            Assert.True(EndBy(new Idempotency($"link{i}", "", Once: true), null).IsDone);
        }

        _bench.LoggedIn();
        Assert.False(EndBy(new Idempotency("more", "", Once: true), null).IsDone);
        Assert.Null(_bench.LastCommit);
        Assert.NotNull(_bench.Ledger().FindAnswer(new Idempotency("link0", "", Once: true)));
        _bench.Time.Advance(TimeSpan.FromHours(24));
        Assert.True(EndBy(new Idempotency("more", "", Once: true), null).IsDone);
    }

    private EndResult EndBy(Idempotency key, DateTimeOffset? forget) => _bench.Commit(
        ledger => ledger.End(new EndCommand(null, EndReason.RevokedByOwner, Client: Client(), Idempotency: key, ForgetDevicesOf: forget), null, null));
}
