using SessionCluster.Devices;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Api.Tests.Http;

public sealed class UsersTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.Start();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_user_has_state_and_counts()
    {
        _host.Grains.Add("42");
        var answer = (await _host.Send("GET", "/api/v3/users/42/")).MustBe(200);
        Assert.Equal("""{"pk":42,"active":true,"revision":5,"sessions":1,"devices":0}""", answer.Text);
    }

    [Theory]
    [InlineData("a%2Fb", "a/b")]
    [InlineData("a%252Fb", "a%2Fb")]
    [InlineData("j%C3%A9%20x%40y", "jé x@y")]
    [InlineData("%2541", "%41")]
    public async Task A_key_of_any_characters_is_named_by_its_encoded_form(string segment, string pk)
    {
        var answer = (await _host.Send("GET", $"/api/v3/users/{segment}/")).MustBe(200);
        Assert.Equal(pk, (string?)answer.Json["pk"]);
    }

    [Fact]
    public async Task A_key_that_is_too_long_is_a_400() =>
        (await _host.Send("GET", $"/api/v3/users/{new string('x', 256)}/")).MustBe(400, "invalid-request");

    [Fact]
    public async Task Revoke_ends_all_but_the_excepted_session()
    {
        var kept = _host.Grains.Add("42");
        _host.Grains.Add("42");
        var answer = (await _host.Send("POST", "/api/v3/users/42/sessions/revoke/", new { except = kept.Id.ToString(), reason = "lost phone" })).MustBe(200);
        Assert.Single(answer.Json["ended"]!.AsArray());
        Assert.Equal(["revision", "committed_at", "ended", "effective_everywhere_at"], answer.Json.AsObject().Select(member => member.Key));
        var command = _host.Grains.Last<Ended>().Command;
        Assert.Equal((kept.Id, EndReason.RevokedByAdmin, "lost phone"), (command.Except!.Value, command.Reason, command.ReasonText));
        (await _host.Send("POST", "/api/v3/users/42/sessions/revoke/", new { except = "nonsense" })).MustBe(400, "invalid-request");
        (await _host.Send("POST", "/api/v3/users/42/sessions/revoke/", new { reason = new string('r', 256) })).MustBe(400, "invalid-request");
    }

    [Fact]
    public async Task An_owner_speaks_for_itself_only()
    {
        var me = ("Authorization", _host.SchemeOf(_host.Grains.Add("42")));
        foreach (var (method, path) in new[] { ("GET", ""), ("POST", "sessions/revoke/"), ("GET", "devices/"), ("DELETE", $"devices/{Guid.NewGuid()}/") })
        {
            (await _host.Send(method, $"/api/v3/users/7/{path}", null, me)).MustBe(403, "forbidden");
        }

        (await _host.Send("POST", "/api/v3/users/42/sessions/revoke/", null, me)).MustBe(200);
        Assert.Equal(EndReason.RevokedByOwner, _host.Grains.Last<Ended>().Command.Reason);
    }

    [Theory]
    [InlineData("activate", true)]
    [InlineData("deactivate", false)]
    public async Task Activation_answers_a_receipt_after_telling(string path, bool active)
    {
        var answer = (await _host.Send("POST", $"/api/v3/users/unseen/{path}/", null, ("Idempotency-Key", "k"), ("Authorization", "Bearer " + ApiHost.Key))).MustBe(200);
        Assert.Equal(4, (int)answer.Json["revision"]!);
        Assert.Equal(active, _host.Grains.Last<SetActiveCommand>().Active);
        Assert.Single(_host.Grains.Calls.OfType<Told>());
        (await _host.Send("POST", $"/api/v3/users/unseen/{path}/", "{ }", ("Idempotency-Key", "k"), ("Authorization", "Bearer " + ApiHost.Key)))
            .MustBe(422, "idempotency-key-reused");
    }

    [Fact]
    public async Task Devices_are_listed_and_forgotten()
    {
        var device = new DeviceInfo(new DeviceId(Guid.NewGuid()), FakeGrains.Now, FakeGrains.Now, FakeGrains.Now.AddDays(30), "1.2.3.4", "curl");
        _host.Grains.Devices = [device];
        var answer = (await _host.Send("GET", "/api/v3/users/42/devices/")).MustBe(200);
        Assert.Equal(device.Id.ToString(), (string?)answer.Json["results"]![0]!["uuid"]);
        (await _host.Send("DELETE", $"/api/v3/users/42/devices/{device.Id}/")).MustBe(204);
        (await _host.Send("DELETE", $"/api/v3/users/42/devices/{Guid.NewGuid()}/")).MustBe(404, "not-found");
        (await _host.Send("DELETE", "/api/v3/users/42/devices/nonsense/")).MustBe(404, "not-found");
    }
}
