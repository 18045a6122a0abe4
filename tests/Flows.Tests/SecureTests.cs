namespace SessionCluster.Flows.Tests;

/// <summary>A server that browsers reach by https, with cookies for a whole domain.</summary>
public sealed class SecureServer : FlowServer
{
    protected override string[] Settings => ["--PublicUrl", "https://login.example.com", "--Cookies:Domain", "example.com"];
}

public sealed class SecureTests(SecureServer server) : IClassFixture<SecureServer>
{
    [Fact]
    public async Task The_plan_cookie_is_for_this_host_alone_and_https_only()
    {
        var plan = await server.Api.MakePlan(FlowApi.PlanOf("secure", "ask"));
        using var exchanged = await server.Api.Send(HttpMethod.Get, plan.Page, null);

        var line = exchanged.Headers.GetValues("Set-Cookie").Single();

        Assert.StartsWith($"__Host-{Names.PlanCookie}=", line, StringComparison.Ordinal);
        Assert.Contains("; Secure", line, StringComparison.Ordinal);
        Assert.DoesNotContain("Domain", line, StringComparison.OrdinalIgnoreCase);
        using var answer = await server.Api.Send(
            HttpMethod.Post, plan.Executor, new { remember_me = true },
            ("Cookie", line[..line.IndexOf(';', StringComparison.Ordinal)]), ("Origin", "https://login.example.com"));
        Assert.Equal(Names.Redirect, await FlowApi.Component(answer));
        Assert.NotNull(FlowApi.Cookie(answer, $"__Secure-{Names.SessionCookie}"));
        Assert.Equal("", FlowApi.Cookie(answer, $"__Host-{Names.PlanCookie}"));
        var device = answer.Headers.GetValues("Set-Cookie").Single(cookie => cookie.StartsWith($"__Secure-{Names.DeviceCookie}=", StringComparison.Ordinal));
        Assert.Matches("^[^;]{52,}; Path=/; Domain=example.com; Max-Age=[0-9]+; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax$", device);
    }
}
