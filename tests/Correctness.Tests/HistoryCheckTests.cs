using SessionCluster.Correctness.Tests.History;

namespace SessionCluster.Correctness.Tests;

/// <summary>The test of the test: each kind of violation, planted in a short history, is reported, and only that.</summary>
public sealed class HistoryCheckTests
{
    private static readonly Operation LoginA = Login("a", 0);

    private static readonly Remains OnlyA = new([Event("login", "a")], ["a"]);

    private static readonly Remains EndedA = new([Event("login", "a"), Event("logout", "a")], []);

    /// <summary>A history, what was left, and the faults in it.</summary>
    private static readonly Dictionary<string, (Operation[] History, Remains? Remains, Fault[] Faults)> Histories = new()
    {
        ["a login and its use"] = ([LoginA, Active("a", 10)], OnlyA, []),
        ["a check beside an ending"] = ([LoginA, Revoke("a", 10), Active("a", 9), Active("a", 11)], EndedA, []),
        ["a check after a revoke"] = ([LoginA, Revoke("a", 10), Active("a", 16)], EndedA, [Fault.AcceptedAfterEnding]),
        ["a check after a revoke of the user without a list"] = (
            [LoginA, Answered(Act.BulkDelete, 10), Active("a", 16)], EndedA, [Fault.AcceptedAfterEnding]),
        ["a check after a deactivation that missed a session"] = (
            [LoginA, Answered(Act.Deactivate, 10) with { Ended = [], Revision = 2 }, Active("a", 16)], null, [Fault.AcceptedAfterEnding]),
        ["a check after a delete"] = ([LoginA, Answered(Act.Delete, 10, 204) with { Session = "a" }, Active("a", 16)], EndedA, [Fault.AcceptedAfterEnding]),
        ["a check after a logout"] = ([LoginA, Answered(Act.Logout, 10, 204) with { Session = "a" }, Active("a", 16)], EndedA, [Fault.AcceptedAfterEnding]),
        ["a check after a terminating login"] = (
            [LoginA, Terminating("b", 10, "a"), Active("a", 16)],
            new([Event("login", "a"), Event("login", "b"), Event("logout", "a")], ["b"]),
            [Fault.AcceptedAfterEnding]),
        ["a login during a revoke of the user may stay"] = (
            [Login("a", 8), Answered(Act.RevokeUser, 10) with { Ended = [], Revision = 2 }, Active("a", 16)], OnlyA, []),
        ["a lost login"] = ([LoginA, Refused("a", 10)], null, [Fault.LostSession]),
        ["a login lost before its ending began"] = ([LoginA, Refused("a", 10), Revoke("a", 20)], EndedA, [Fault.LostSession]),
        ["a login lost by an ending that spared it"] = (
            [LoginA, Terminating("b", 10), Refused("b", 16)], null, [Fault.LostSession]),
        ["an ending without an answer may have happened"] = ([LoginA, Unanswered(Act.RevokeUser, 10), Refused("a", 16)], EndedA, []),
        ["an ending without an answer may not have happened"] = ([LoginA, Unanswered(Act.RevokeUser, 10), Active("a", 16)], OnlyA, []),
        ["a forgotten ending"] = ([LoginA, Revoke("a", 10), Refused("a", 16) with { Reason = "unknown" }], EndedA, [Fault.ForgottenReason]),
        ["data that were replaced"] = ([LoginA, Put("a", 10, 1), Put("a", 20, 2), Active("a", 30) with { Data = 1 }], OnlyA, [Fault.WrongData]),
        ["data that were lost"] = ([LoginA, Put("a", 10, 1), Active("a", 30)], OnlyA, [Fault.WrongData]),
        ["data that nobody stored"] = ([LoginA, Active("a", 30) with { Data = 1 }], OnlyA, [Fault.WrongData]),
        ["data that were stored without an answer"] = (
            [LoginA, Put("a", 10, 1), Put("a", 20, 2) with { End = null, Status = 0 }, Active("a", 30) with { Data = 2 }], OnlyA, []),
        ["two sessions of one key"] = (
            [LoginA with { Key = "k" }, Login("b", 10) with { Key = "k" }],
            new([Event("login", "a"), Event("login", "b")], ["a", "b"]),
            [Fault.UnequalReplay]),
        ["one session of two keys"] = ([LoginA with { Key = "k" }, Login("a", 10) with { Key = "l" }], OnlyA, [Fault.UnequalReplay]),
        ["another receipt on repeat"] = (
            [LoginA, Revoke("a", 10) with { Key = "k" }, Revoke("a", 20) with { Key = "k", Ended = [], Revision = 3 }], EndedA, [Fault.UnequalReplay]),
        ["another receipt on a repeat after too many requests"] = (
            [
                LoginA, Revoke("a", 10) with { Key = "k" }, .. Enumerable.Range(0, 32).Select(i => Answered(Act.RevokeUser, 20 + i) with { Key = $"k{i}", Ended = [], Revision = 3 + i }),
                Answered(Act.RevokeToken, 100) with { Session = "a", Key = "k", Ended = [], Revision = 40 },
            ],
            EndedA, []),
        ["a session ended by two commits"] = ([LoginA, Revoke("a", 10), Revoke("a", 12) with { Revision = 3 }], EndedA, [Fault.EndedTwice]),
        ["revisions against time"] = (
            [LoginA, Login("b", 1), Revoke("a", 10) with { Revision = 4 }, Revoke("b", 20) with { Revision = 3 }],
            new([Event("login", "a"), Event("login", "b"), Event("logout", "a"), Event("logout", "b")], []),
            [Fault.RevisionOrder]),
        ["a login while inactive"] = (
            [Answered(Act.Deactivate, 0) with { Ended = [], Revision = 1 }, Login("a", 10)], OnlyA, [Fault.LoginWhileInactive]),
        ["a login after an activation"] = (
            [Answered(Act.Deactivate, 0) with { Ended = [], Revision = 1 }, Answered(Act.Activate, 7) with { Ended = [], Revision = 2 }, Login("a", 20)], OnlyA, []),
        ["a session that nobody asked for"] = ([LoginA], new([.. OnlyA.Events, Event("login", "x")], ["a", "x"]), [Fault.UnaskedSession]),
        ["a session of a login without an answer"] = (
            [LoginA, Unanswered(Act.Login, 10)], new([.. OnlyA.Events, Event("login", "x")], ["a", "x"]), []),
        ["two sessions of a login without an answer"] = (
            [Unanswered(Act.Login, 10) with { Key = "k" }, Unanswered(Act.Login, 20) with { Key = "k" }],
            new([Event("login", "x"), Event("login", "y")], ["x", "y"]),
            [Fault.UnaskedSession]),
        ["no login event"] = ([LoginA], new([], ["a"]), [Fault.LoginEvents]),
        ["two login events"] = ([LoginA], new([Event("login", "a"), Event("login", "a") with { Pk = "again" }], ["a"]), [Fault.LoginEvents]),
        ["no logout event"] = ([LoginA, Revoke("a", 10)], new(OnlyA.Events, []), [Fault.LogoutEvents]),
        ["two logout events"] = (
            [LoginA, Revoke("a", 10)], new([.. EndedA.Events, Event("logout", "a") with { Pk = "again" }], []), [Fault.LogoutEvents]),
        ["a logout event of a live session"] = ([LoginA, Unanswered(Act.RevokeUser, 10)], new(EndedA.Events, ["a"]), [Fault.LogoutEvents]),
        ["an event twice"] = ([LoginA], new([Event("login", "a"), Event("login", "a")], ["a"]), [Fault.EventTwice, Fault.LoginEvents]),
        ["an ended session in the list"] = ([LoginA, Revoke("a", 10)], OnlyA, [Fault.WrongList]),
        ["a live session not in the list"] = ([LoginA], EndedA, [Fault.WrongList]),
        ["a status out of place"] = ([LoginA, Active("a", 10) with { Status = 404 }], OnlyA, [Fault.UnexpectedStatus]),
    };

    public static TheoryData<string> Names => [.. Histories.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_planted_fault_is_reported_and_nothing_else(string name)
    {
        var (history, remains, faults) = Histories[name];

        Assert.Equal(faults, HistoryCheck.Run(history, remains).Select(f => f.Fault));
    }

    [Fact]
    public void Every_kind_of_fault_is_planted() =>
        Assert.Empty(Enum.GetValues<Fault>().Except(Histories.Values.SelectMany(h => h.Faults)));

    private static Operation Unanswered(Act act, long start) => new(act, "u", start);

    private static Operation Answered(Act act, long start, int status = 200) => new(act, "u", start) { End = start + 5, Status = status };

    private static Operation Login(string session, long start) => Answered(Act.Login, start, 201) with { Session = session, Ended = [] };

    private static Operation Terminating(string session, long start, params string[] ended) =>
        Answered(Act.TerminatingLogin, start, 201) with { Session = session, Ended = [.. ended], Revision = 2 };

    private static Operation Revoke(string session, long start) =>
        Answered(Act.RevokeToken, start) with { Session = session, Ended = [session], Revision = 2 };

    private static Operation Put(string session, long start, int data) => Answered(Act.PutData, start) with { Session = session, Data = data };

    private static Operation Active(string session, long start) => Answered(Act.Validate, start) with { Session = session, Active = true };

    private static Operation Refused(string session, long start) => Answered(Act.Validate, start) with { Session = session, Reason = "revoked" };

    private static LoggedEvent Event(string action, string session) => new($"{action}-{session}", action, "u", session);
}
