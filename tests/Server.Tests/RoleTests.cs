using System.Security.Cryptography;
using System.Text;

namespace SessionCluster.Server.Tests;

/// <summary>Services with one role each, and a cap that refuses.</summary>
public sealed class DenyingServer : SharedServer
{
    public const string LoginKey = "key-of-the-login-service";
    public const string ValidateKey = "key-of-the-gateway";
    public const string ReadKey = "key-of-the-auditor";
    public const string ManageKey = "key-of-the-administration";

    protected override IEnumerable<string> Settings =>
    [
        "Sessions:MaxPerUser=2", "Sessions:OnLimit=deny",
        .. Key(0, LoginKey, "login"), .. Key(1, ValidateKey, "validate"), .. Key(2, ReadKey, "read"), .. Key(3, ManageKey, "manage"),
    ];

    private static string[] Key(int index, string key, string role) =>
    [
        $"Api:Keys:{index}:Name={role}", $"Api:Keys:{index}:Roles={role}",
        $"Api:Keys:{index}:Sha256={Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}",
    ];
}

public sealed class RoleTests(DenyingServer server) : IClassFixture<DenyingServer>
{
    private readonly ApiClient _login = server.Api.With(DenyingServer.LoginKey);
    private readonly ApiClient _validate = server.Api.With(DenyingServer.ValidateKey);
    private readonly ApiClient _read = server.Api.With(DenyingServer.ReadKey);
    private readonly ApiClient _manage = server.Api.With(DenyingServer.ManageKey);

    [Theory]
    [InlineData("POST", "/api/v3/sessions/", "login")]
    [InlineData("PUT", "/api/v3/sessions/data/", "login")]
    [InlineData("POST", "/api/v3/sessions/revoke/", "login,manage")]
    [InlineData("POST", "/api/v3/sessions/validate/", "validate")]
    [InlineData("GET", "/api/v3/core/authenticated_sessions/", "read")]
    [InlineData("GET", "/api/v3/events/events/", "read")]
    [InlineData("DELETE", "/api/v3/core/authenticated_sessions/bulk_delete/", "manage")]
    [InlineData("POST", "/api/v3/users/1/sessions/revoke/", "manage")]
    [InlineData("POST", "/api/v3/users/1/activate/", "manage")]
    [InlineData("GET", "/api/v3/users/1/devices/", "manage")]
    [InlineData("GET", "/api/v3/stages/user_login/", "manage")]
    [InlineData("GET", "/api/v3/events/transports/", "manage")]
    [InlineData("POST", "/api/v3/events/transports/", "manage")]
    [InlineData("GET", "/api/v3/events/transports/a1e47000-0de0-4a57-8001-000000000002/", "manage")]
    [InlineData("PATCH", "/api/v3/events/transports/a1e47000-0de0-4a57-8001-000000000002/", "manage")]
    [InlineData("DELETE", "/api/v3/events/transports/a1e47000-0de0-4a57-8001-00000000000f/", "manage")]
    [InlineData("POST", "/api/v3/events/transports/a1e47000-0de0-4a57-8001-000000000002/test/", "manage")]
    [InlineData("GET", "/api/v3/events/transports/a1e47000-0de0-4a57-8001-000000000002/deliveries/", "manage")]
    [InlineData("POST", "/api/v3/events/transports/a1e47000-0de0-4a57-8001-000000000002/deliveries/retry/", "manage")]
    [InlineData("GET", "/api/v3/events/rules/", "manage")]
    [InlineData("POST", "/api/v3/events/rules/", "manage")]
    [InlineData("GET", "/api/v3/policies/event_matcher/", "manage")]
    [InlineData("POST", "/api/v3/policies/event_matcher/", "manage")]
    [InlineData("GET", "/api/v3/policies/bindings/", "manage")]
    [InlineData("POST", "/api/v3/policies/bindings/", "manage")]
    public async Task A_key_without_the_role_is_forbidden(string method, string path, string roles)
    {
        foreach (var (role, api) in new[] { ("login", _login), ("validate", _validate), ("read", _read), ("manage", _manage) })
        {
            var status = (await api.Send(new HttpMethod(method), path, null)).Status;
            Assert.Equal(roles.Split(',').Contains(role), status != 403);
            Assert.NotEqual(401, status);
        }
    }

    [Fact]
    public async Task A_login_over_a_denying_cap_is_refused_and_ends_nothing()
    {
        var user = Actions.NewUser();
        var (first, second) = (await _login.Login(user), await _login.Login(user));

        Assert.Equal("session-limit", (await _login.TryLogin(user)).Is(409).Problem);

        Assert.Null(await _validate.WhyNot(first.Token));
        Assert.Null(await _validate.WhyNot(second.Token));
        Assert.Equal(2, (await _read.Events(user, "login")).Count);
        Assert.Empty(await _read.Events(user, "logout"));

        // A login that replaces one of them stays within the cap.
        var third = await _login.Login(user, client: $", \"session_token\": \"{first.Token}\"");
        Assert.Equal("revoked", await _validate.WhyNot(first.Token));
        Assert.Null(await _validate.WhyNot(third.Token));
    }

    [Fact]
    public async Task Racing_logins_never_exceed_a_denying_cap()
    {
        var user = Actions.NewUser();

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => _login.TryLogin(user)));

        Assert.Equal(2, answers.Count(answer => answer.Status == 201));
        Assert.Equal(10, answers.Count(answer => answer.Status == 409));
        Assert.Equal(2, (await _read.Sessions($"user={user}")).Count);
    }
}
