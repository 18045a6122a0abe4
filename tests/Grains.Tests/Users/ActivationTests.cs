using SessionCluster.Sessions;
using SessionCluster.Users;
using static SessionCluster.Grains.Tests.Users.LedgerBench;

namespace SessionCluster.Grains.Tests.Users;

/// <summary>What the event of an activation or deactivation says where no session is live.</summary>
public sealed class ActivationTests
{
    private readonly LedgerBench _bench = new();

    [Fact]
    public void Deactivation_is_told_also_of_a_user_without_sessions_and_names_the_key()
    {
        var command = new SetActiveCommand(false, Client(), null, "admin-key");
        _bench.Commit(l => l.SetActive(command, null, null));

        var told = Assert.Single(_bench.LastCommit!.Events);
        Assert.Equal(("model_updated", "42", "1.2.3.4", null), (told.Action, told.User.Id.Value, told.ClientIp, told.Session));
        Assert.Equal(
            """{"model":{"app":"authentik_core","model_name":"user","pk":"42","name":""},"http_request":{"args":{"next":"/"},"path":"/login","method":"POST","user_agent":"Firefox"},"actor":"admin-key","diff":{"is_active":{"previous_value":true,"new_value":false}}}""",
            told.ContextJson);
        _bench.Commit(l => l.SetActive(command, null, null));
        Assert.Null(_bench.LastCommit);
    }

    [Theory]
    [InlineData(false, null, "")]
    [InlineData(true, null, "jane")]
    [InlineData(false, "renamed", "renamed")]
    [InlineData(true, "renamed", "renamed")]
    public void The_event_of_a_user_without_sessions_has_the_name_that_an_event_or_a_kept_answer_knows(bool hasAnswer, string? known, string name)
    {
        _bench.LoggedIn(Command(key: hasAnswer ? new Idempotency("k", "b") : null));
        _bench.End(EndReason.LoggedOut);

        foreach (var active in (bool[])[false, true])
        {
            _bench.Commit(l => l.SetActive(new SetActiveCommand(active, null, null, Named: known is null ? null : Jane with { Username = known }), null, null));

            var told = Assert.Single(_bench.LastCommit!.Events);
            Assert.Equal((name, "42"), (told.User.Username, told.User.Id.Value));
            Assert.Contains($"\"pk\":\"42\",\"name\":\"{name}\"", told.ContextJson, StringComparison.Ordinal);
        }
    }
}
