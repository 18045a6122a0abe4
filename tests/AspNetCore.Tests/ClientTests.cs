using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SessionCluster.Client;
using SessionCluster.Testing;

namespace SessionCluster.AspNetCore.Tests;

/// <summary>The typed client, on the real server and in memory: the same calls with the same results.</summary>
[Collection(nameof(SessionServer))]
public sealed class ClientTests(SessionServer server)
{
    private static readonly ClientFacts Here = new(Places.Berlin) { UserAgent = Actions.UserAgent };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_session_begins_is_used_changed_listed_and_ended(bool inMemory)
    {
        var client = inMemory ? new InMemorySessionCluster() : Client();
        var user = Actions.NewUser();

        var login = await client.LoginAsync(new LoginRequest(new SessionUser(user, "jane") { Email = "j@example.test", Name = "Jane" }, Here) { Data = """{"a":1}""" });

        Assert.Equal((LoginRefusal.None, false, null), (login.Refusal, login.KnownDevice, login.Receipt));
        Assert.Equal(2, login.Cookies.Count);
        var check = await client.ValidateAsync(login.Token!, Here);
        Assert.Equal((true, """{"a":1}""", "Jane", login.Session!.Uuid), (check.IsActive, check.Data, check.User!.Name, check.Session!.Uuid));
        Assert.Equal((user, Places.Berlin, "no_binding"), (check.Session.User, check.Session.LastIp, check.Session.NetworkBinding));
        Assert.True(await client.SetDataAsync(login.Token!, null));
        Assert.Null((await client.ValidateAsync(login.Token!, Here)).Data);
        Assert.Equal(login.Session.Uuid, Assert.Single(await client.ListSessionsAsync(user)).Uuid);

        var again = await client.LoginAsync(new LoginRequest(new SessionUser(user), Here) { PreviousToken = login.Token, DeviceCookie = login.Cookies[1].Value });
        Assert.Equal([login.Session.Uuid], again.Receipt!.Ended);
        Assert.True(again.KnownDevice);
        Assert.Equal(SessionStatus.Revoked, (await client.ValidateAsync(login.Token!, Here)).Status);
        Assert.False(await client.SetDataAsync(login.Token!, "1"));
        Assert.False(await client.EndSessionAsync("somebody-else", again.Session!.Uuid));
        Assert.True(await client.EndSessionAsync(user, again.Session.Uuid));
        Assert.False(await client.EndSessionAsync(user, again.Session.Uuid));

        var last = await client.LoginAsync(new LoginRequest(new SessionUser(user), Here));
        Assert.Empty((await client.EndSessionsAsync(user, except: last.Session!.Uuid)).Ended);
        var receipt = await client.RevokeAsync(last.Token!);
        Assert.Equal([last.Session.Uuid], receipt.Ended);
        Assert.StartsWith($"{last.Cookies[0].Name}=; Path=/", receipt.ClearCookie, StringComparison.Ordinal);
        Assert.Empty((await client.RevokeAsync(last.Token!)).Ended);
        Assert.Equal(SessionStatus.Malformed, (await client.ValidateAsync("none", Here)).Status);
        Assert.Equal(SessionStatus.Malformed, (await client.ValidateAsync("\0", Here)).Status);
        Assert.True(await client.IsReadyAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_login_may_be_refused(bool inMemory)
    {
        var memory = new InMemorySessionCluster();
        var stage = await server.Api.Stage("\"remember_me_offset\": \"days=1\"");
        memory.PromptingStages.Add(stage);
        var client = inMemory ? memory : Client();
        var user = new SessionUser(Actions.NewUser());

        Assert.Equal(LoginRefusal.AccessDenied, (await client.LoginAsync(new LoginRequest(user, Here) { IsActive = false })).Refusal);
        Assert.Equal(LoginRefusal.ChallengeRequired, (await client.LoginAsync(new LoginRequest(user, Here) { Stage = stage })).Refusal);
        Assert.Equal(LoginRefusal.None, (await client.LoginAsync(new LoginRequest(user, Here) { Stage = stage, RememberMe = true })).Refusal);
        var large = await Assert.ThrowsAsync<SessionClusterRequestException>(() => client.LoginAsync(new LoginRequest(user, Here) { Data = $"\"{new string('x', 40_000)}\"" }));
        Assert.Contains("data", large.Errors.Keys);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_browser_is_known_by_its_device_to_each_of_its_users_and_by_a_live_session_at_its_address(bool inMemory)
    {
        var client = inMemory ? new InMemorySessionCluster() : Client();
        var (one, two) = (Actions.NewUser(), Actions.NewUser());
        var first = await Login(one, Places.Berlin, null);
        var device = first.Cookies[1].Value;
        var second = await Login(two, Places.Paris, device, first.Token);

        // The session before is another user's: it is ended, and the receipt is the user's own.
        Assert.Null(second.Receipt);
        Assert.Equal(SessionStatus.Revoked, (await client.ValidateAsync(first.Token!, Here)).Status);
        Assert.False(second.KnownDevice);
        Assert.True((await Login(one, Places.Tokyo, device)).KnownDevice);
        Assert.True((await Login(two, Places.Paris, null)).KnownDevice);
        Assert.False((await Login(two, Places.Tokyo, null)).KnownDevice);

        Task<LoginResult> Login(string user, string ip, string? deviceCookie, string? previous = null) =>
            client.LoginAsync(new LoginRequest(new SessionUser(user), new ClientFacts(ip)) { DeviceCookie = deviceCookie, PreviousToken = previous });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Data_is_json(bool inMemory)
    {
        var client = inMemory ? new InMemorySessionCluster() : Client();
        var login = await client.LoginAsync(new LoginRequest(new SessionUser(Actions.NewUser()), Here) { Data = "null" });

        Assert.Null((await client.ValidateAsync(login.Token!, Here)).Data);
        await Assert.ThrowsAnyAsync<JsonException>(() => client.SetDataAsync(login.Token!, "{"));
        await Assert.ThrowsAnyAsync<JsonException>(() => client.LoginAsync(new LoginRequest(new SessionUser(Actions.NewUser()), Here) { Data = "no JSON" }));
    }

    [Fact]
    public async Task A_key_without_the_role_is_told_which_one()
    {
        using var folder = new TempFolder();
        var key = new string('k', 40);
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(key)));
        await using var process = await ServerProcess.StartKind(
            folder.In("data"), ServerKind.OnSqlite, "Api:Keys:0:Name=app", $"Api:Keys:0:Sha256={hash}", "Api:Keys:0:Roles=validate");
        var client = Client(process.Url, key);

        Assert.Equal(SessionStatus.Malformed, (await client.ValidateAsync("none", Here)).Status);
        var refused = await Assert.ThrowsAsync<SessionClusterRequestException>(() => client.LoginAsync(new LoginRequest(new SessionUser("42"), Here)));

        Assert.Contains("role login", refused.Message, StringComparison.Ordinal);
        Assert.Equal(403, refused.StatusCode);
    }

    [Fact]
    public async Task Endings_are_followed()
    {
        var client = Client();
        var login = await client.LoginAsync(new LoginRequest(new SessionUser(Actions.NewUser()), Here));
        using var stop = new CancellationTokenSource();
        var endings = (await client.FollowEndingsAsync(stop.Token)).GetAsyncEnumerator(stop.Token);
        await client.RevokeAsync(login.Token!);
        Assert.True(await endings.MoveNextAsync());
        while (endings.Current.Session != login.Session!.Uuid)
        {
            Assert.True(await endings.MoveNextAsync());
        }

        var next = endings.MoveNextAsync().AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }

    /// <summary>As the specification of server-sent events has it: what has no name of its own is a "message".</summary>
    [Fact]
    public async Task The_name_of_an_event_ends_with_it()
    {
        var (named, unnamed, last) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        static string Data(Guid session) => $$$"""data: {"context":{"session_uuid":"{{{session}}}"}}""";
        var text = $"event: logout\n: a comment\n{Data(named)}\n\n{Data(unnamed)}\n\nevent: logout\n\n{Data(unnamed)}\n\nevent: logout\n{Data(last)}\n\n";
        await using var stub = await TestApp.StartAny(_ => { }, app => app.MapGet("/api/v3/events/stream/", () => Results.Text(text, "text/event-stream")));
        var endings = new List<Guid>();

        await Assert.ThrowsAsync<SessionClusterUnavailableException>(async () =>
        {
            await foreach (var ending in await Client(stub.Url, "key").FollowEndingsAsync())
            {
                endings.Add(ending.Session);
            }
        });

        Assert.Equal([named, last], endings);
    }

    /// <summary>It reaches the person's open tab: what an operator wrote of the ending is for other operators.</summary>
    [Theory]
    [InlineData("sessions/revoke/", """{"reason":"suspected of theft"}""", "revoked")]
    [InlineData("sessions/revoke/", null, "revoked")]
    [InlineData("deactivate/", null, "user_inactive")]
    public async Task An_ending_is_told_by_the_name_of_its_reason(string call, string? body, string reason)
    {
        var client = Client();
        var user = Actions.NewUser();
        var login = await client.LoginAsync(new LoginRequest(new SessionUser(user), Here));
        await using var endings = (await client.FollowEndingsAsync()).GetAsyncEnumerator();

        (await server.Api.Post($"/api/v3/users/{user}/{call}", body)).Is(200);

        do
        {
            Assert.True(await endings.MoveNextAsync());
        }
        while (endings.Current.Session != login.Session!.Uuid);
        Assert.Equal(reason, endings.Current.Reason);
    }

    [Fact]
    public void Options_come_from_the_configuration_and_code_wins()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            [new("SessionCluster:Address", "http://one"), new("SessionCluster:ApiKey", "key"), new("SessionCluster:Timeout", "00:00:02")]).Build();
        var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration);
        services.AddSessionClusterClient(o => o.Address = new Uri("http://two"));
        services.AddSessionClusterClient();

        var options = services.BuildServiceProvider().GetRequiredService<IOptions<SessionClusterClientOptions>>().Value;

        Assert.Equal(("http://two/", "key", TimeSpan.FromSeconds(2)), (options.Address!.ToString(), options.ApiKey, options.Timeout));
    }

    [Fact]
    public void Options_of_the_scheme_and_of_the_ticket_store_come_from_the_configuration_and_code_wins()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            [
                new("SessionCluster:Address", "http://one"), new("SessionCluster:ApiKeyFile", "/no/such/file"), new("SessionCluster:Stage", "strict"),
                new("SessionCluster:LoginPath", "/in"), new("SessionCluster:Cookie:Name", "mine"),
            ]).Build();
        var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration);
        services.AddAuthentication().AddCookie("one").AddCookie("two")
            .AddSessionCluster(o => (o.LoginPath, o.ApiKey) = ("/own", "key"))
            .AddSessionClusterTicketStore("one")
            .AddSessionClusterTicketStore("two", o => o.Stage = "other");
        var provider = services.BuildServiceProvider();

        var scheme = provider.GetRequiredService<IOptionsMonitor<SessionClusterOptions>>().Get(SessionClusterDefaults.AuthenticationScheme);
        var store = provider.GetRequiredService<IOptionsMonitor<SessionClusterTicketStoreOptions>>();
        var client = provider.GetRequiredService<IOptions<SessionClusterClientOptions>>().Value;

        Assert.Equal(("strict", "/own", "mine"), (scheme.Stage, scheme.LoginPath.Value, scheme.Cookie.Name));
        Assert.Equal(("strict", "other"), (store.Get("one").Stage, store.Get("two").Stage));
        Assert.Equal(("http://one/", "key", null), (client.Address!.ToString(), client.ApiKey, client.ApiKeyFile));
    }

    [Fact]
    public async Task Checks_are_counted_by_their_outcome()
    {
        var outcomes = new List<string>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, l) => { if (instrument.Name == "sessioncluster.client.checks") { l.EnableMeasurementEvents(instrument); } } };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => { lock (outcomes) { outcomes.Add((string)tags[0].Value!); } });
        listener.Start();
        var client = Client();
        var login = await client.LoginAsync(new LoginRequest(new SessionUser(Actions.NewUser()), Here));

        await client.ValidateAsync(login.Token!, Here);
        await Assert.ThrowsAsync<SessionClusterUnavailableException>(() => Client(new Uri("http://127.0.0.1:9"), "key").ValidateAsync(login.Token!, Here));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.ValidateAsync(login.Token!, Here, new CancellationToken(canceled: true)));

        Assert.Superset(new HashSet<string> { "active", "unavailable", "cancelled" }, outcomes.ToHashSet());
    }

    [Fact]
    public async Task In_memory_a_binding_breaks_a_session_expires_a_user_is_deactivated_and_the_server_is_away()
    {
        var time = new MovedTime();
        var client = new InMemorySessionCluster(time) { Lifetime = TimeSpan.FromHours(1) };
        var (first, second, third) = (await Login("1"), await Login("2"), await Login("3"));

        client.BreakBinding(first.Session!.Uuid);
        client.Deactivate("2");
        Assert.Equal(SessionStatus.BindingBroken, (await client.ValidateAsync(first.Token!, Here)).Status);
        Assert.Equal(SessionStatus.UserInactive, (await client.ValidateAsync(second.Token!, Here)).Status);
        Assert.Equal(LoginRefusal.AccessDenied, (await Login("2")).Refusal);
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(SessionStatus.Expired, (await client.ValidateAsync(third.Token!, Here)).Status);
        client.IsUnavailable = true;
        await Assert.ThrowsAsync<SessionClusterUnavailableException>(() => Login("1"));
        Assert.False(await client.IsReadyAsync());

        Task<LoginResult> Login(string user) => client.LoginAsync(new LoginRequest(new SessionUser(user), Here));
    }

    private ISessionClusterClient Client() => Client(server.Process.Url, server.Api.Key);

    internal static ISessionClusterClient Client(Uri address, string key, TimeProvider? time = null, TimeSpan? timeout = null)
    {
        var services = new ServiceCollection().AddSingleton(time ?? TimeProvider.System);
        services.AddSessionClusterClient(o => (o.Address, o.ApiKey, o.Timeout) = (address, key, timeout ?? o.Timeout));
        return services.BuildServiceProvider().GetRequiredService<ISessionClusterClient>();
    }
}
