namespace SessionCluster.Server.Tests;

/// <summary>Every ending that a service's key asks for, or brings about, has its name in the event.</summary>
[Collection(nameof(PlainServer))]
public sealed class ActorTests(PlainServer server)
{
    private readonly ApiClient _api = server.Api;

    [Theory]
    [InlineData("all of a user's sessions")]
    [InlineData("the sessions of several users")]
    [InlineData("a token's session")]
    [InlineData("a login whose stage ends the others")]
    [InlineData("a login over the browser's session")]
    [InlineData("a login over another user's session")]
    [InlineData("a plan whose stage ends the others")]
    [InlineData("a plan over another user's session")]
    [InlineData("the console")]
    public async Task The_event_of_an_ending_names_the_key_that_brought_it_about(string way)
    {
        var login = await _api.Login(Actions.NewUser());

        await End(way, login);

        Assert.Equal("bootstrap", (await _api.LogoutEvent(login))["context"]!["actor"]?.GetValue<string>());
    }

    private async Task End(string way, Login login)
    {
        var over = $", \"session_token\": \"{login.Token}\"";
        switch (way)
        {
            case "all of a user's sessions":
                (await _api.Post($"/api/v3/users/{login.User}/sessions/revoke/", "{}")).Is(200);
                break;
            case "the sessions of several users":
                (await _api.Delete($"/api/v3/core/authenticated_sessions/bulk_delete/?user_pks={login.User}")).Is(200);
                break;
            case "a token's session":
                (await _api.Post("/api/v3/sessions/revoke/", $"{{\"token\": \"{login.Token}\"}}")).Is(200);
                break;
            case "a login whose stage ends the others":
                await _api.Login(login.User, await Strict());
                break;
            case "a login over the browser's session":
                await _api.Login(login.User, client: over);
                break;
            case "a login over another user's session":
                await _api.Login(Actions.NewUser(), client: over);
                break;
            case "a plan whose stage ends the others":
                await Answer(login.User, await Strict(), "");
                break;
            case "a plan over another user's session":
                await Answer(Actions.NewUser(), "default", over);
                break;
            default:
                using (var console = new ConsoleBrowser())
                {
                    await console.Send(server.Server.Url, await console.SignIn(server.Server.Url, _api.Key), $"/admin/sessions/{login.Uuid}/end/");
                }

                break;
        }
    }

    private Task<string> Strict() => _api.Stage("\"terminate_other_sessions\": true");

    /// <summary>Makes a plan and answers it at the executor, with the key.</summary>
    private async Task Answer(string user, string stage, string client)
    {
        var plan = (await _api.Post("/api/v3/flows/plans/", Actions.LoginBody(user, stage, client: client, more: ", \"flow_slug\": \"flow\""))).Is(201);
        var answer = (await _api.Get(plan.StringAt("executor"), ("X-Flow-Plan", plan.StringAt("plan")), ("Authorization", $"Bearer {_api.Key}"))).Is(200);
        Assert.Equal("xak-flow-redirect", answer.StringAt("component"));
    }
}
