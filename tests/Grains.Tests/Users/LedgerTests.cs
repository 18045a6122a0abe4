using System.Text.Json;
using SessionCluster.Devices;
using SessionCluster.LoginStage;
using SessionCluster.Sessions;
using SessionCluster.Users;
using static SessionCluster.Grains.Tests.Users.LedgerBench;

namespace SessionCluster.Grains.Tests.Users;

public sealed class LedgerTests
{
    private readonly LedgerBench _bench = new();

    [Fact]
    public void A_login_is_one_change_with_one_session_and_one_event()
    {
        var result = _bench.Login(Command());

        Assert.True(result.IsLoggedIn);
        Assert.Equal(1, _bench.State.Revision);
        var created = Assert.Single(_bench.LastCommit!.Created);
        Assert.Equal(result.Session.Id.Value, created.Id);
        var login = Assert.Single(_bench.LastCommit.Events);
        Assert.Equal(("login", created.Id, "jane", "1.2.3.4"), (login.Action, login.Session!.Value.Value, login.User.Username, login.ClientIp));
        Assert.Empty(_bench.LastCommit.Ended);
        Assert.Empty(result.Ending.Ended);
    }

    [Fact]
    public void The_login_event_carries_what_the_caller_gave_and_known_device()
    {
        _bench.Login(Command());
        using var context = JsonDocument.Parse(_bench.LastCommit!.Events[0].ContextJson);

        Assert.Equal(
            """{"auth_method":"password","auth_method_args":{"known_device":false,"mfa":true},"http_request":{"path":"/login","method":"POST","args":{"next":"/"},"user_agent":"Firefox","request_id":"req-1"},"session_uuid":"X"}""",
            context.RootElement.GetRawText().Replace(_bench.LastCommit.Created[0].Id.ToString(), "X", StringComparison.Ordinal));
    }

    [Fact]
    public void A_terminating_login_ends_every_other_session_in_the_same_change()
    {
        var first = _bench.LoggedIn();
        var second = _bench.LoggedIn();

        var result = _bench.Login(Command(Stage(terminate: true)));

        Assert.Equal([first, second], result.Ending!.Ended.OrderBy(id => id.Value));
        Assert.Equal([EndReason.TerminatedByLogin, EndReason.TerminatedByLogin], _bench.LastCommit!.Ended.Select(e => e.Reason));
        Assert.Equal(["login", "logout", "logout"], _bench.LastCommit.Events.Select(e => e.Action));
        Assert.Equal(result.Session!.Id, Assert.Single(_bench.Live.All).Id);
    }

    [Fact]
    public void A_plain_login_ends_nothing()
    {
        _bench.LoggedIn();
        Assert.Empty(_bench.Login(Command()).Ending!.Ended);
        Assert.Equal(2, _bench.Live.All.Count);
    }

    [Fact]
    public void The_session_that_the_browser_had_is_replaced()
    {
        var first = _bench.LoggedIn();
        var other = _bench.LoggedIn();

        var result = _bench.Login(Command(previous: first));

        Assert.Equal([first], result.Ending!.Ended.ToArray());
        Assert.Equal(EndReason.ReplacedByLogin, Assert.Single(_bench.LastCommit!.Ended).Reason);
        Assert.True(_bench.Live.TryGet(other, out _));
    }

    [Fact]
    public void Another_users_session_of_the_browser_must_end_first_but_only_if_the_login_would_succeed()
    {
        Assert.Equal(LoginOutcome.EndOtherUsersSessionFirst, _bench.Login(Command(otherUsers: true)).Outcome);
        Assert.Equal(LoginOutcome.AccessDenied, _bench.Login(Command(otherUsers: true, active: false)).Outcome);
        Assert.Equal(0, _bench.State.Revision);
    }

    [Fact]
    public void A_cap_that_ends_the_oldest_is_exact()
    {
        _bench.Options.MaxPerUser = 2;
        var first = _bench.LoggedIn();
        _bench.Time.Advance(TimeSpan.FromSeconds(1));
        var second = _bench.LoggedIn();
        _bench.Time.Advance(TimeSpan.FromSeconds(1));

        var result = _bench.Login(Command());

        Assert.Equal([first], result.Ending!.Ended.ToArray());
        Assert.Equal(EndReason.SessionLimit, _bench.LastCommit!.Ended[0].Reason);
        Assert.True(_bench.Live.TryGet(second, out _));
        Assert.Equal(2, _bench.Live.All.Count);
    }

    [Fact]
    public void A_cap_that_denies_writes_nothing_and_counts_only_sessions_that_are_not_over()
    {
        (_bench.Options.MaxPerUser, _bench.Options.OnLimit) = (1, SessionOptions.Deny);
        var first = _bench.LoggedIn(Command(Stage("seconds=10")));

        Assert.Equal(LoginOutcome.SessionLimit, _bench.Login(Command()).Outcome);
        Assert.Null(_bench.LastCommit);
        Assert.True(_bench.Login(Command(previous: first)).IsLoggedIn);
        _bench.Time.Advance(TimeSpan.FromHours(1));
        Assert.True(_bench.Login(Command()).IsLoggedIn);
    }

    [Theory]
    [InlineData(9.999999, true)]
    [InlineData(10, false)]
    [InlineData(10.000001, false)]
    public void A_session_can_be_revoked_until_its_end_and_expired_from_then_on(double seconds, bool live)
    {
        var id = _bench.LoggedIn(Command(Stage("seconds=10")));
        _bench.Time.Advance(TimeSpan.FromSeconds(seconds));

        Assert.Equal(live ? [] : new[] { id }, _bench.End(EndReason.Expired, null, id).Ended.ToArray());
        Assert.Equal(live ? new[] { id } : [], _bench.End(EndReason.LoggedOut, null, id).Ended.ToArray());
    }

    [Fact]
    public void Ending_all_but_one_spares_that_one_and_ending_again_writes_nothing()
    {
        var first = _bench.LoggedIn();
        var second = _bench.LoggedIn();

        Assert.Equal([first], _bench.End(except: second).Ended.ToArray());
        var revision = _bench.State.Revision;
        Assert.Empty(_bench.End(EndReason.LoggedOut, null, first).Ended);
        Assert.Equal(revision, _bench.State.Revision);
        Assert.Null(_bench.LastCommit);
    }

    [Fact]
    public void Deactivation_ends_all_refuses_logins_and_activation_lets_them_in_again()
    {
        var id = _bench.LoggedIn();
        Assert.Equal([id], _bench.Commit(l => l.SetActive(new SetActiveCommand(false, null, null), null, null)).Ending!.Ended.ToArray());
        Assert.Equal(EndReason.UserDeactivated, _bench.LastCommit!.Ended[0].Reason);

        Assert.Equal(LoginOutcome.AccessDenied, _bench.Login(Command()).Outcome);
        _bench.Commit(l => l.SetActive(new SetActiveCommand(true, null, null), null, null));
        Assert.True(_bench.Login(Command()).IsLoggedIn);
    }

    [Fact]
    public void Every_ending_on_request_of_a_key_names_it()
    {
        _bench.LoggedIn();
        _bench.Login(Command(Stage(terminate: true)) with { Actor = "front-end" });
        Assert.Contains("\"actor\":\"front-end\"", _bench.LastCommit!.Events[1].ContextJson, StringComparison.Ordinal);
        _bench.Commit(l => l.SetActive(new SetActiveCommand(false, null, null, "admin-key"), null, null));
        Assert.All(_bench.LastCommit!.Events, e => Assert.Contains("\"actor\":\"admin-key\"", e.ContextJson, StringComparison.Ordinal));
        Assert.Equal(["model_updated", "logout"], _bench.LastCommit!.Events.Select(e => e.Action));
    }

    [Fact]
    public void An_inactive_user_is_refused_before_the_prompt_and_nothing_is_written()
    {
        Assert.Equal(LoginOutcome.AccessDenied, _bench.Login(Command(Stage(offset: "days=1"), active: false)).Outcome);
        Assert.Equal(LoginOutcome.ChallengeRequired, _bench.Login(Command(Stage(offset: "days=1"))).Outcome);
        Assert.Null(_bench.LastCommit);
    }

    [Theory]
    [InlineData(null, null, false)]
    [InlineData("1.2.3.4", null, true)]
    [InlineData("1.2.3.5", null, false)]
    [InlineData("1.2.3.5", true, true)]
    [InlineData("1.2.3.4", false, false)]
    public void Another_live_session_at_the_same_address_makes_the_device_known_unless_the_caller_says_otherwise(
        string? otherIp, bool? callersWord, bool known)
    {
        if (otherIp is not null)
        {
            _bench.LoggedIn(Command(ip: otherIp));
        }

        Assert.Equal(known, _bench.Login(Command(known: callersWord)).Session!.KnownDevice);
    }

    [Fact]
    public void Known_device_is_computed_before_the_others_end()
    {
        _bench.LoggedIn();
        Assert.True(_bench.Login(Command(Stage(terminate: true))).Session!.KnownDevice);
    }

    [Fact]
    public void The_cookie_of_an_earlier_login_makes_the_device_known_until_it_is_forgotten()
    {
        var cookie = _bench.Login(Command()).DeviceCookie!;
        _bench.End();
        Assert.True(_bench.Login(Command(device: cookie, ip: "9.9.9.9")).Session!.KnownDevice);

        Assert.True(_bench.Commit(l => l.ForgetDevice(cookie.Id)));
        Assert.False(_bench.Commit(l => l.ForgetDevice(cookie.Id)));
        Assert.False(_bench.Login(Command(device: cookie, ip: "8.8.8.8")).Session!.KnownDevice);
    }

    [Fact]
    public void A_repeat_under_the_same_key_finds_its_answer_for_24_hours()
    {
        var key = new Idempotency("k", "b");
        var result = _bench.Login(Command(key: key));

        var answer = _bench.Ledger().FindAnswer(key)!;
        Assert.Equal(result.Session, answer.ToLoginResult(null, result.Ending!).Session);
        Assert.Equal(result.DeviceCookie, answer.ToLoginResult(null, result.Ending!).DeviceCookie);
        _bench.Time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromTicks(10));
        Assert.NotNull(_bench.Ledger().FindAnswer(key));
        _bench.Time.Advance(TimeSpan.FromTicks(10));
        Assert.Null(_bench.Ledger().FindAnswer(key));
    }

    [Fact]
    public void Answers_are_bounded_and_the_oldest_makes_room()
    {
        for (var i = 0; i <= Ledger.MaxAnswers; i++)
        {
            _bench.Login(Command(key: new Idempotency($"k{i}", "b")));
        }

        Assert.Equal(Ledger.MaxAnswers, _bench.State.Answered.Length);
        Assert.Null(_bench.Ledger().FindAnswer(new Idempotency("k0", "b")));
        Assert.NotNull(_bench.Ledger().FindAnswer(new Idempotency("k1", "b")));
    }

    [Fact]
    public void A_young_activation_tells_all_or_waits_where_they_are_many()
    {
        var sessions = Enumerable.Range(0, 4).Select(_ => _bench.LoggedIn()).ToArray();
        var one = _bench.End(EndReason.LoggedOut, null, sessions[0]);
        Assert.Equal([sessions[0]], one.MayHoldLease.ToArray());
        Assert.False(one.WaitOut);

        _bench.LoggedIn();
        var many = _bench.End();
        Assert.Equal((4, 0, true), (many.Ended.Length, many.MayHoldLease.Length, many.WaitOut));
    }

    [Fact]
    public void An_older_activation_tells_those_it_granted_a_lease_within_its_length()
    {
        var sessions = Enumerable.Range(0, 3).Select(_ => _bench.LoggedIn()).ToArray();
        _bench.GrantLease(sessions[0]);
        _bench.Time.Advance(TimeSpan.FromTicks(1));
        _bench.GrantLease(sessions[1]);
        _bench.Time.Advance(LeaseLength);

        var ending = _bench.End();

        Assert.Equal([sessions[1]], ending.MayHoldLease.ToArray());
        Assert.False(ending.WaitOut);
    }

    [Fact]
    public void The_logout_event_of_an_ordinary_ending_names_the_request_and_the_reason()
    {
        var id = _bench.LoggedIn();
        _bench.End(EndReason.RevokedByAdmin, null, id);

        var logout = Assert.Single(_bench.LastCommit!.Events);
        Assert.Equal(("logout", "1.2.3.4", id.Value), (logout.Action, logout.ClientIp, logout.Session!.Value.Value));
        Assert.Equal(
            $$"""{"http_request":{"args":{"next":"/"},"path":"/login","method":"POST","user_agent":"Firefox"},"logout_reason":"Revoked by administrator","session_uuid":"{{id}}"}""",
            logout.ContextJson);
    }

    [Theory]
    [InlineData("Lost phone", "Lost phone")]
    [InlineData("User deactivated", "Logged out")]
    [InlineData(" ", "Logged out")]
    public void Words_of_the_caller_are_told_unless_they_are_blank_or_those_of_a_reason(string words, string told)
    {
        _bench.LoggedIn();
        _bench.Commit(l => l.End(new EndCommand(null, EndReason.LoggedOut, ReasonText: words, Client: Client()), null, null));
        Assert.Contains($"\"logout_reason\":\"{told}\",{(words == told ? "\"standard_reason\":\"Logged out\"," : "")}\"session", _bench.LastCommit!.Events[0].ContextJson, StringComparison.Ordinal);
    }
}
