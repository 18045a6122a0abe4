namespace SessionCluster.Server.Tests.Authentik;

/// <summary>The calls of authentik's client; what they must answer stands in <c>authentik-client/scenarios.mjs</c>.</summary>
public sealed class AuthentikClientTests
{
    [ClientTheory]
    [InlineData("flows")]
    [InlineData("userLoginStages")]
    [InlineData("authenticatedSessions")]
    [InlineData("eventLog")]
    [InlineData("alerts")]
    [InlineData("credentials")]
    public async Task Authentiks_own_client_works_unmodified(string scenario)
    {
        using var folder = new TempFolder();
        await using var server = await ServerProcess.Start(folder.In("data"));

        var (exitCode, output) = await AuthentikClient.Run(scenario, server.Url, server.Api.Key);

        Assert.True(exitCode == 0, output);
    }

    [ClientFact]
    public async Task A_scenario_that_does_not_hold_is_told()
    {
        using var folder = new TempFolder();
        await using var server = await ServerProcess.Start(folder.In("data"));

        var (exitCode, output) = await AuthentikClient.Run("eventLog", server.Url, "a-key-that-is-none");

        Assert.NotEqual(0, exitCode);
        Assert.Contains("401", output, StringComparison.Ordinal);
    }
}
