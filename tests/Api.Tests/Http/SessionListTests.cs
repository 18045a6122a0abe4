using SessionCluster.Sessions;

namespace SessionCluster.Api.Tests.Http;

public sealed class SessionListTests : IAsyncLifetime
{
    private const string Root = "/api/v3/core/authenticated_sessions/";

    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.Start();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_listed_session_has_authentiks_shape_and_ours()
    {
        var session = _host.Grains.Add("42", data: "1");
        _host.Grains.Sessions[session.Id] = session with
        {
            Geo = new(51.5, null, "", "DE", "EU"), Asn = new(6805, "Telefonica Germany", "5.4.0.0/14"),
        };
        var answer = (await _host.Send("GET", Root)).MustBe(200);
        Assert.Equal("{}", answer.Json["autocomplete"]!.ToJsonString());
        Assert.Equal(1, (int)answer.Json["pagination"]!["count"]!);
        var row = answer.Json["results"]![0]!.AsObject();
        Assert.Equal(
            [
                "uuid", "current", "user_agent", "geo_ip", "asn", "user", "last_ip", "last_user_agent", "last_used", "expires", "created", "auth_method",
                "known_device", "network_binding", "geoip_binding", "data",
            ],
            row.Select(member => member.Key));
        Assert.Equal("""{"lat":51.5,"city":"","long":null,"country":"DE","continent":"EU"}""", row["geo_ip"]!.ToJsonString());
        Assert.Equal("""{"asn":6805,"as_org":"Telefonica Germany","network":"5.4.0.0/14"}""", row["asn"]!.ToJsonString());
        Assert.Equal("no_binding", (string?)row["network_binding"]);
        Assert.Equal("2026-11-22T12:00:00.000000Z", (string?)row["expires"]);
        Assert.Equal(["device", "os", "user_agent", "string"], row["user_agent"]!.AsObject().Select(member => member.Key));
        Assert.Equal(["family", "major", "minor", "patch"], row["user_agent"]!["user_agent"]!.AsObject().Select(member => member.Key));
        Assert.All(row["user_agent"]!["user_agent"]!.AsObject(), member => Assert.NotNull(member.Value));
    }

    [Fact]
    public async Task Filters_and_order_reach_the_query()
    {
        _host.Grains.Add("42");
        await _host.Send("GET", Root + "?user__username=jane&user=42&session__last_ip=::ffff:1.2.3.4&session__last_user_agent=x&search=s&asn=5&country=de&ordering=-session__expires&page_size=7");
        var query = _host.Grains.Last<SessionQuery>();
        Assert.Equal(("jane", "42", "1.2.3.4", "x"), (query.Username, query.User!.Value.Value, query.LastIp, query.LastUserAgent));
        Assert.Equal(("s", 5L, "DE", SessionOrder.Expires, true, 0, 7), (query.Search, query.Asn!.Value, query.Country, query.Order, query.Descending, query.Offset, query.Limit));
    }

    [Theory]
    [InlineData("ordering=data", "ordering")]
    [InlineData("ordering=-", "ordering")]
    [InlineData("asn=x", "asn")]
    [InlineData("page_size=0", "page_size")]
    [InlineData("search=%00", "search")]
    public async Task A_faulty_parameter_is_a_400_in_both_forms(string query, string field)
    {
        var answer = (await _host.Send("GET", Root + "?" + query)).MustBe(400, "invalid-request");
        Assert.NotNull((string?)answer.Json["errors"]![field]![0]);
        Assert.Equal(answer.Json["errors"]![field]!.ToJsonString(), answer.Json[field]!.ToJsonString());
    }

    [Fact]
    public async Task A_page_out_of_range_is_a_404()
    {
        for (var count = 0; count < 3; count++)
        {
            _host.Grains.Add("42");
        }

        var last = (await _host.Send("GET", Root + "?page=2&page_size=2")).MustBe(200);
        Assert.Single(last.Json["results"]!.AsArray());
        foreach (var page in new[] { "3", "0", "x", "99999999999" })
        {
            (await _host.Send("GET", Root + $"?page={page}&page_size=2")).MustBe(404, "not-found");
        }
    }

    [Fact]
    public async Task An_owner_sees_and_ends_own_sessions_only()
    {
        var own = _host.Grains.Add("42", data: "1");
        var second = _host.Grains.Add("42");
        var other = _host.Grains.Add("7");
        var me = ("Authorization", _host.SchemeOf(own));
        var list = (await _host.Send("GET", Root, null, me)).MustBe(200);
        Assert.Equal(2, (int)list.Json["pagination"]!["count"]!);
        Assert.Equal(own.Id.ToString(), (string?)Assert.Single(list.Json["results"]!.AsArray(), row => (bool)row!["current"]!)!["uuid"]);
        Assert.All(list.Json["results"]!.AsArray(), row => Assert.False(row!.AsObject().ContainsKey("data")));
        Assert.Equal(0, (int)(await _host.Send("GET", Root + "?user=7", null, me)).MustBe(200).Json["pagination"]!["count"]!);

        (await _host.Send("GET", $"{Root}{second.Id}/", null, me)).MustBe(200);
        foreach (var (method, path) in new[] { ("GET", ""), ("DELETE", ""), ("GET", "used_by/") })
        {
            (await _host.Send(method, $"{Root}{other.Id}/{path}", null, me)).MustBe(404, "not-found");
        }

        (await _host.Send("DELETE", $"{Root}{second.Id}/", null, me)).MustBe(204);
        Assert.Equal(EndReason.RevokedByOwner, _host.Grains.Last<Ended>().Command.Reason);
        Assert.False(_host.Grains.Sessions.ContainsKey(second.Id));
        Assert.True(_host.Grains.Sessions.ContainsKey(other.Id));
    }

    [Fact]
    public async Task A_manager_ends_any_session_and_an_unknown_one_is_a_404()
    {
        var session = _host.Grains.Add("42");
        Assert.Equal("[]", (await _host.Send("GET", $"{Root}{session.Id}/used_by/")).MustBe(200).Text);
        (await _host.Send("DELETE", $"{Root}{session.Id}/")).MustBe(204);
        Assert.Equal(EndReason.RevokedByAdmin, _host.Grains.Last<Ended>().Command.Reason);
        Assert.Single(_host.Grains.Calls.OfType<Told>());
        foreach (var uuid in new[] { session.Id.ToString(), Guid.NewGuid().ToString(), "nonsense" })
        {
            (await _host.Send("GET", $"{Root}{uuid}/")).MustBe(404, "not-found");
            (await _host.Send("DELETE", $"{Root}{uuid}/")).MustBe(404, "not-found");
        }
    }

    [Fact]
    public async Task Bulk_delete_ends_the_sessions_of_each_user_once_and_tells_none_of_the_others()
    {
        _host.Grains.Add("1");
        _host.Grains.Add("1");
        _host.Grains.Add("2");
        _host.Grains.Add("3");
        var answer = (await _host.Send("DELETE", Root + "bulk_delete/?user_pks=1&user_pks=2&user_pks=1&user_pks=unseen")).MustBe(200);
        Assert.Equal("""{"deleted":3}""", answer.Text);
        Assert.Equal("3", Assert.Single(_host.Grains.Sessions.Values).User.Id.Value);
        Assert.Equal(3, _host.Grains.Calls.OfType<Told>().Count());
        Assert.All(_host.Grains.Calls.OfType<Ended>(), ended => Assert.Equal("{}", ended.Command.Client!.ArgsJson));
    }

    [Theory]
    [InlineData(0, 400)]
    [InlineData(1, 200)]
    [InlineData(100, 200)]
    [InlineData(101, 400)]
    public async Task Bulk_delete_takes_1_to_100_users(int count, int status)
    {
        var query = string.Join('&', Enumerable.Range(0, count).Select(user => $"user_pks={user}-{new string('x', 200)}"));
        (await _host.Send("DELETE", Root + "bulk_delete/?" + query)).MustBe(status);
    }

    [Fact]
    public async Task An_idempotency_key_with_another_query_is_a_422()
    {
        (await _host.Send("DELETE", Root + "bulk_delete/?user_pks=1", null, ("Idempotency-Key", "k"), ("Authorization", "Bearer " + ApiHost.Key))).MustBe(200);
        var refused = (await _host.Send("DELETE", Root + "bulk_delete/?user_pks=1&user_pks=2", null, ("Idempotency-Key", "k"), ("Authorization", "Bearer " + ApiHost.Key)))
            .MustBe(422, "idempotency-key-reused");
        // The second user does not know the key.
        Assert.EndsWith("Sessions of users for whom it is new have ended.", (string?)refused.Json["detail"], StringComparison.Ordinal);
    }
}
