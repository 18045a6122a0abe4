using System.Reflection;
using SessionCluster.Server.Tests.Geo;

namespace SessionCluster.Server.Tests;

/// <summary>One database, served by the embedded engine, then by the cluster, then by the embedded engine again.</summary>
public sealed class EnginesTests : IDisposable
{
    private const string Key = "key-of-the-tests-for-both-engines";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [EmbeddedProgramFact]
    public async Task A_database_moves_from_the_embedded_engine_to_the_cluster_and_back_and_nothing_is_lost()
    {
        var (user, idle) = (Actions.NewUser(), Actions.NewUser());
        string stage = "";
        Login kept = null!, ended = null!, later = null!;
        await Embedded(async api =>
        {
            stage = await api.Stage("\"remember_device\": \"days=1\", \"session_duration\": \"hours=1\"");
            kept = await api.Login(user, stage, more: """, "data": {"cart": 7}""");
            ended = await api.Login(user, stage);
            (await api.Post("/api/v3/sessions/revoke/", $$"""{"token": "{{ended.Token}}"}""")).Is(200);
            (await api.Post($"/api/v3/users/{idle}/deactivate/")).Is(200);
        });

        await using (var cluster = await ServerProcess.Start(_folder.In("data"), Settings))
        {
            using var api = cluster.Api.With(Key);
            await AssertServed(api, kept, [ended], user, logins: 2);
            Assert.Equal("""{"cart":7}""", (await api.Validate(kept.Token)).At("data")!.ToJsonString());
            later = await api.Login(user, stage, more: $", \"device_cookie\": \"{kept.DeviceCookie}\"");
            Assert.True(later.KnownDevice);
            (await api.TryLogin(idle)).Is(403);
            (await api.Post("/api/v3/sessions/revoke/", $$"""{"token": "{{kept.Token}}"}""")).Is(200);
            await AssertServed(api, later, [kept, ended], user, logins: 3);
            Assert.Equal(0, await cluster.Terminate());
        }

        await Embedded(async api =>
        {
            await AssertServed(api, later, [kept, ended], user, logins: 3);
            Assert.True((await api.Login(user, stage, more: $", \"device_cookie\": \"{later.DeviceCookie ?? kept.DeviceCookie}\"")).KnownDevice);
            (await api.TryLogin(idle)).Is(403);
        });
    }

    private IEnumerable<string> Settings =>
    [
        $"GeoIp:CityDatabase={_folder.Write("city.mmdb", Places.CityDatabase())}", $"GeoIp:AsnDatabase={_folder.Write("asn.mmdb", Places.AsnDatabase())}",
        $"Keys:0={Convert.ToBase64String(new byte[32])}", $"Api:BootstrapKey={Key}",
    ];

    /// <summary>One session lives with its data, the others are over, and each login and each ending has its one event.</summary>
    private static async Task AssertServed(ApiClient api, Login live, Login[] over, string user, int logins)
    {
        Assert.Null(await api.WhyNot(live.Token));
        Assert.Equal(live.Answer.At("session.expires")!.ToJsonString(), (await api.Validate(live.Token)).At("session.expires")!.ToJsonString());
        foreach (var login in over)
        {
            Assert.Equal("revoked", await api.WhyNot(login.Token));
            await api.LogoutEvent(login);
        }

        Assert.Equal(live.Uuid, Assert.Single(await api.Sessions($"user={user}"))!["uuid"]!.GetValue<string>());
        Assert.Equal(logins, (await api.Events(user, "login")).Count);
        Assert.Equal(over.Length, (await api.Events(user, "logout")).Count);
    }

    private async Task Embedded(Func<ApiClient, Task> use)
    {
        using var program = new ServerProgram(
            EmbeddedProgramFactAttribute.Program, [$"Data:Path={_folder.In("embedded")}", .. TestStorage.PostgreSql(_folder.In("data")), .. Settings]);
        try
        {
            using var api = new ApiClient(await program.Url.WaitAsync(Patience), Key);
            await Poll.Until(async () => (await api.Get("/health/ready")).Status == 200);
            await use(api);
            Assert.Equal(0, await program.Terminate().WaitAsync(Patience));
        }
        finally
        {
            if (!program.HasExited)
            {
                await program.Kill();
            }
        }
    }
}

/// <summary>Runs only where the embedded engine's program has been built, too.</summary>
public sealed class EmbeddedProgramFactAttribute : FactAttribute
{
    public EmbeddedProgramFactAttribute()
    {
        if (!File.Exists(Program))
        {
            Skip = "The embedded engine's program is not built (dotnet build src/Silo).";
        }
    }

    public static string Program { get; } = typeof(EmbeddedProgramFactAttribute).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "EmbeddedProgram").Value!;
}
