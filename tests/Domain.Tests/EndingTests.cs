using System.Collections.Immutable;
using SessionCluster.Domain.Tests.Clusters;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Domain.Tests;

[Collection(OnLoneSilo.Name)]
public sealed class LoneSiloEndingTests(LoneSilo cluster) : EndingTests(cluster);

[Collection(OnTwoSilos.Name), OnPostgreSql]
public sealed class TwoSilosEndingTests(TwoSilos cluster) : EndingTests(cluster);

/// <summary>Ended means ended: from the receipt on no node accepts a session that it names, whatever was in memory where.</summary>
public abstract class EndingTests(IDomainCluster cluster)
{
    private readonly DomainUser _user = new(cluster);

    [SuiteTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_terminating_login_ends_every_other_session_at_its_receipt(bool fromStorage)
    {
        var others = await Logins(40);
        if (fromStorage)
        {
            await cluster.DeactivateAll();
        }

        var (session, receipt, _) = await _user.Login(DomainUser.Stage(terminate: true));

        Assert.Equal(others.ToHashSet(), receipt.Ended.ToHashSet());
        Assert.All(await Checks(others), status => Assert.Equal(SessionStatus.Revoked, status));
        Assert.Equal(SessionStatus.Active, await _user.Check(session.Id));
        Assert.Equal([session.Id], await _user.Listed());
        Assert.Equal(40, (await _user.Events("logout")).Length);
    }

    /// <summary>Such as those of one page, with the cookie of yesterday.</summary>
    [SuiteFact]
    public async Task Checks_of_an_ended_session_that_nobody_has_in_memory_are_answered_however_many_come_at_once()
    {
        var session = (await Logins(1))[0];
        await _user.End([session]);
        for (var round = 0; round < 5; round++)
        {
            await cluster.DeactivateAll();

            var checks = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => _user.Check(session)));

            Assert.All(checks, status => Assert.Equal(SessionStatus.Revoked, status));
        }
    }

    [SuiteFact]
    public async Task Of_many_terminating_logins_at_once_one_session_is_left()
    {
        var logins = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => _user.Login(DomainUser.Stage(terminate: true))));

        var left = Assert.Single(await _user.Listed());
        var states = await Checks([.. logins.Select(l => l.Session.Id)]);
        Assert.Equal(1, states.Count(s => s == SessionStatus.Active));
        Assert.Equal(SessionStatus.Active, await _user.Check(left));
        Assert.Equal(29, logins.SelectMany(l => l.Receipt.Ended).Distinct().Count());
    }

    [SuiteFact]
    public async Task No_check_that_begins_after_a_receipt_succeeds_while_others_hammer_the_sessions()
    {
        var sessions = await Logins(20);
        var ended = 0;
        using var done = new CancellationTokenSource();
        var checkers = sessions.Select(id => Task.Run(async () =>
        {
            var late = 0;
            while (!done.IsCancellationRequested)
            {
                var wasEnded = Volatile.Read(ref ended) == 1;
                late += await _user.Check(id) == SessionStatus.Active && wasEnded ? 1 : 0;
                // To the end of the thread pool's queue, as a request from outside: a chain of calls within a process would else hold its thread.
                await Task.Yield();
            }

            return late;
        })).ToArray();
        await Task.Delay(TimeSpan.FromMilliseconds(200));

        var receipt = await _user.End();
        Volatile.Write(ref ended, 1);
        await Task.Delay(TimeSpan.FromMilliseconds(200));
        await done.CancelAsync();

        Assert.Equal(20, receipt.Ended.Length);
        Assert.All(await Task.WhenAll(checkers), late => Assert.Equal(0, late));
    }

    [SuiteFact]
    public async Task All_but_one_can_be_ended_and_a_second_ending_ends_nothing_more()
    {
        var sessions = await Logins(5);
        Assert.Equal(sessions[1..].ToHashSet(), (await _user.End(except: sessions[0])).Ended.ToHashSet());
        Assert.Empty((await _user.End(except: sessions[0])).Ended);
        Assert.Equal(SessionStatus.Active, await _user.Check(sessions[0]));
    }

    [SuiteFact]
    public async Task Deactivation_ends_all_sessions_and_refuses_logins_until_the_user_is_active_again()
    {
        var sessions = await Logins(3);
        Assert.Equal(3, (await _user.SetActive(false)).Ended.Length);
        Assert.All(await Checks(sessions), status => Assert.Equal(SessionStatus.UserInactive, status));
        Assert.Equal(LoginOutcome.AccessDenied, (await _user.Grain.Login(_user.Command())).Outcome);
        await cluster.DeactivateAll();
        Assert.Equal(LoginOutcome.AccessDenied, (await _user.Grain.Login(_user.Command())).Outcome);
        await _user.SetActive(true);
        Assert.Equal(SessionStatus.Active, await _user.Check((await _user.Login()).Session.Id));
        Assert.All(await Checks(sessions), status => Assert.NotEqual(SessionStatus.Active, status));
    }

    [SuiteFact]
    public async Task A_repeated_request_has_one_effect_and_the_same_answer()
    {
        var others = await Logins(2);
        var stage = DomainUser.Stage(terminate: true);
        var first = await _user.Login(stage, key: "login");
        await cluster.DeactivateAll();
        var second = await _user.Login(stage, key: "login");

        Assert.Equal(first.Session.Id, second.Session.Id);
        Assert.Equal(others.ToHashSet(), second.Receipt.Ended.ToHashSet());
        Assert.Equal(first.Receipt.Revision, second.Receipt.Revision);
        Assert.Equal(LoginOutcome.IdempotencyKeyReused, (await _user.Grain.Login(_user.Command(stage, key: "login", body: "other"))).Outcome);
        Assert.Single(await _user.Listed());
    }

    [SuiteFact]
    public async Task A_session_of_another_user_is_nobody_elses_to_end()
    {
        var (session, _, _) = await _user.Login();
        Assert.Empty((await new DomainUser(cluster).End([session.Id])).Ended);
        Assert.Equal(SessionStatus.Active, await _user.Check(session.Id));
    }

    /// <summary>Sessions that are in memory and hold leases.</summary>
    [SuiteFact]
    public async Task Hundreds_of_sessions_are_told_and_not_waited_out_also_where_nothing_is_known_of_their_leases()
    {
        var sessions = await Logins(300);
        await cluster.DeactivateAll();
        // In memory again and under leases; the user's grain is younger than a lease, and so does not know of those from before.
        Assert.All(await Checks(sessions), status => Assert.Equal(SessionStatus.Active, status));

        var ending = (await _user.Grain.End(new EndCommand(null, EndReason.RevokedByAdmin))).Ending!;
        await _user.Grain.Tell(ending);

        Assert.False(ending.WaitOut);
        Assert.Equal(sessions.ToHashSet(), ending.MayHoldLease.ToHashSet());
        Assert.All(await Checks(sessions), status => Assert.NotEqual(SessionStatus.Active, status));
    }

    private async Task<ImmutableArray<SessionId>> Logins(int count)
    {
        var logins = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => _user.Login()));
        ImmutableArray<SessionId> ids = [.. logins.Select(l => l.Session.Id)];
        Assert.All(await Checks(ids), status => Assert.Equal(SessionStatus.Active, status));
        return ids;
    }

    private Task<SessionStatus[]> Checks(ImmutableArray<SessionId> sessions) => Task.WhenAll(sessions.Select(id => _user.Check(id)));
}
