using System.Collections.Concurrent;

namespace SessionCluster.Server.Tests;

/// <summary>The process is killed in the middle of its work and started again on the same data.</summary>
public sealed class CrashTests : IDisposable
{
    private const int Users = 12;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task After_a_kill_every_answered_login_is_there_with_its_bindings_and_every_answered_ending_is_gone()
    {
        var logins = new ConcurrentBag<Login>();
        var endings = new ConcurrentDictionary<string, bool>();
        var terminated = new ConcurrentDictionary<string, bool>();
        var users = Enumerable.Range(0, Users).Select(_ => Actions.NewUser()).ToArray();
        await using (var server = await Start())
        {
            var bound = await server.Api.Stage("\"network_binding\": \"bind_asn_network\", \"session_duration\": \"hours=1\"");
            var alone = await server.Api.Stage("\"network_binding\": \"bind_asn\", \"terminate_other_sessions\": true, \"session_duration\": \"hours=1\"");
            var load = Task.WhenAll(users.Select(user => Load(server.Api, user, bound, alone, logins, endings, terminated)));
            await Poll.Until(() => Task.FromResult(logins.Count > 150 && endings.Count > 30));

            await server.Kill();

            await load;
        }

        await using var again = await Start();
        foreach (var login in logins)
        {
            var ended = endings.ContainsKey(login.Uuid) || terminated.ContainsKey(login.Uuid);
            var why = await again.Api.WhyNot(login.Token);
            if (ended)
            {
                Assert.Equal("revoked", why);
            }
            else if (why is not null)
            {
                // Ended by a call that was committed and never answered.
                Assert.Equal("revoked", why);
                await again.Api.LogoutEvent(login);
            }
        }

        foreach (var user in users)
        {
            await AssertEventsAreComplete(again.Api, user, logins.Where(login => login.User == user).ToList());
        }

        await AssertBindingsHold(again.Api, logins);
        Assert.Equal(0, await again.Terminate());
    }

    [Fact]
    public async Task A_repeated_request_with_its_idempotency_key_has_the_same_answer_after_a_restart()
    {
        var user = Actions.NewUser();
        var body = Actions.LoginBody(user, more: """, "data": {"n": 1}""");
        const string Deactivated = "Deactivated";
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());
        Answer login, again, deactivation;
        await using (var server = await Start())
        {
            login = (await server.Api.Post("/api/v3/sessions/", body, key)).Is(201);
            again = (await server.Api.Post("/api/v3/sessions/", body, key)).Is(201);
            AssertSame(login, again);
            Assert.Equal("idempotency-key-reused", (await server.Api.Post("/api/v3/sessions/", body.Replace("\"n\": 1", "\"n\": 2", StringComparison.Ordinal), key)).Is(422).Problem);
            deactivation = (await server.Api.Post($"/api/v3/users/{user}/deactivate/", null, ("Idempotency-Key", Deactivated))).Is(200);
            await server.Kill();
        }

        await using var next = await Start();
        AssertSame(login, (await next.Api.Post("/api/v3/sessions/", body, key)).Is(201));
        var repeated = (await next.Api.Post($"/api/v3/users/{user}/deactivate/", null, ("Idempotency-Key", Deactivated))).Is(200);

        Assert.Equal(deactivation.At("revision")!.ToJsonString(), repeated.At("revision")!.ToJsonString());
        Assert.Equal(deactivation.At("committed_at")!.ToJsonString(), repeated.At("committed_at")!.ToJsonString());
        Assert.Equal(deactivation.At("ended")!.ToJsonString(), repeated.At("ended")!.ToJsonString());
        Assert.Equal(login.StringAt("session.uuid"), Assert.Single(repeated.At("ended")!.AsArray())!.GetValue<string>());
        Assert.Single(await next.Api.Events(user, "login"));
        Assert.Single(await next.Api.Events(user, "logout"));
        Assert.Equal("user_inactive", await next.Api.WhyNot(login.StringAt("token")));
    }

    [Fact]
    public async Task Stages_devices_and_inactive_users_survive_a_stop()
    {
        var (user, inactive) = (Actions.NewUser(), Actions.NewUser());
        string stage;
        Login login;
        await using (var server = await Start())
        {
            stage = await server.Api.Stage("\"remember_device\": \"days=1\", \"geoip_binding\": \"bind_continent\"");
            login = await server.Api.Login(user, stage, more: """, "data": "kept" """);
            (await server.Api.Post($"/api/v3/users/{inactive}/deactivate/")).Is(200);
            // The process itself holds a share of it, which the session's grain takes back as it goes.
            Assert.Null(await server.Api.WhyNot(login.Token));
            var before = server.Log.Length;
            Assert.Equal(0, await server.Terminate());
            // Members that all stop at once may say that they miss one another.
            Assert.DoesNotMatch(@"(?m)^\S+ (warn|fail|crit): ", TestStorage.Kind == ServerKind.Cluster ? "" : server.Log[before..]);
        }

        await using var again = await Start();
        var answer = await again.Api.Validate(login.Token, Places.Paris);
        Assert.True(answer.At("active")!.GetValue<bool>());
        Assert.Equal("kept", answer.StringAt("data"));
        Assert.True((await again.Api.Login(user, stage, Places.Hamburg, $", \"device_cookie\": \"{login.DeviceCookie}\"")).KnownDevice);
        (await again.Api.TryLogin(inactive)).Is(403);
        Assert.Equal("geoip.continent", (await again.Api.Validate(login.Token, Places.Tokyo)).StringAt("binding.reason"));
    }

    /// <summary>Logins, endings by token and logins that end the others, until the server is gone.</summary>
    private static async Task Load(
        ApiClient api, string user, string bound, string alone,
        ConcurrentBag<Login> logins, ConcurrentDictionary<string, bool> endings, ConcurrentDictionary<string, bool> terminated)
    {
        try
        {
            for (var round = 0; ; round++)
            {
                var login = await api.Login(user, round % 7 == 6 ? alone : bound);
                logins.Add(login);
                foreach (var ended in login.Answer.At("receipt.ended")?.AsArray() ?? [])
                {
                    terminated[ended!.GetValue<string>()] = true;
                }

                if (round % 3 == 0)
                {
                    (await api.Post("/api/v3/sessions/revoke/", $$"""{"token": "{{login.Token}}"}""")).Is(200);
                    endings[login.Uuid] = true;
                }
            }
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or System.Net.Sockets.SocketException)
        {
            // The server was killed; what had no answer may have happened or not.
        }
    }

    private static async Task AssertEventsAreComplete(ApiClient api, string user, List<Login> answered)
    {
        var begun = await Uuids(api, user, "login");
        var over = await Uuids(api, user, "logout");
        var live = (await api.Sessions($"user={user}&page_size=100")).Select(s => s!["uuid"]!.GetValue<string>()).ToHashSet();
        Assert.Equal(begun.Count, begun.Distinct().Count());
        Assert.Equal(over.Count, over.Distinct().Count());
        Assert.Equal(begun.Order(), live.Concat(over).Order());
        Assert.Subset(begun.ToHashSet(), answered.Select(login => login.Uuid).ToHashSet());
    }

    private static async Task<List<string>> Uuids(ApiClient api, string user, string action)
    {
        var uuids = new List<string>();
        for (var page = 1; page > 0;)
        {
            var answer = (await api.Get($"/api/v3/events/events/?action={action}&username=name-{user}&page={page}&page_size=100")).Is(200);
            uuids.AddRange(answer.At("results")!.AsArray().Select(e => e!["context"]!["session_uuid"]!.GetValue<string>()));
            page = answer.At("pagination.next")!.GetValue<int>();
        }

        return uuids;
    }

    private static async Task AssertBindingsHold(ApiClient api, IEnumerable<Login> logins)
    {
        var broken = 0;
        foreach (var login in logins.Where(login => login.Answer.StringAt("session.network_binding") == "bind_asn_network"))
        {
            // Members that have just been killed may be declared dead only now, and a call may meet one of them.
            await Poll.Until(async () => (await api.Post("/api/v3/sessions/validate/", $$$"""{"token": "{{{login.Token}}}", "client": {"ip": "{{{Places.Berlin}}}"}}""")).Status == 200);
            if (broken < 20 && await api.WhyNot(login.Token) is null)
            {
                var answer = await api.Validate(login.Token, Places.BerlinOtherNetwork);
                Assert.Equal("network.asn_network", answer.StringAt("binding.reason"));
                await api.LogoutEvent(login);
                broken++;
            }
        }

        Assert.True(broken > 0);
    }

    private static void AssertSame(Answer first, Answer second)
    {
        Assert.Equal(first.StringAt("token"), second.StringAt("token"));
        Assert.Equal(first.At("session")!.ToJsonString(), second.At("session")!.ToJsonString());
        Assert.Equal(Values(first), Values(second));
        Assert.Equal(first.At("known_device")!.ToJsonString(), second.At("known_device")!.ToJsonString());

        static IEnumerable<string> Values(Answer answer) => answer.At("cookies")!.AsArray().Select(cookie => $"{cookie!["name"]}={cookie["value"]}");
    }

    private Task<ServerProcess> Start()
    {
        var (city, asn) = (_folder.Write("city.mmdb", Places.CityDatabase()), _folder.Write("asn.mmdb", Places.AsnDatabase()));
        return ServerProcess.Start(_folder.In("data"), $"GeoIp:CityDatabase={city}", $"GeoIp:AsnDatabase={asn}");
    }
}
