namespace SessionCluster.Server.Tests.Alerts;

/// <summary>The process is killed between sending and noting, and goes on by itself.</summary>
public sealed class AlertCrashTests
{
    [Fact]
    public async Task After_kills_every_login_is_delivered_in_order_and_doubles_have_the_same_id()
    {
        const int Logins = 25;
        using var folder = new TempFolder();
        await using var receiver = await WebhookReceiver.Start();
        var logins = new List<string>();
        var user = Actions.NewUser();
        for (var round = 0; round < 3; round++)
        {
            await using var server = await ServerProcess.Start(folder.In("data"), "Alerts:AllowPrivateTargets=true");
            if (round == 0)
            {
                await server.Api.NewRule(await server.Api.NewWebhook(receiver.Url));
            }

            for (var i = 0; i < Logins; i++)
            {
                logins.Add((await server.Api.Login(user)).Uuid);
            }

            // In the middle of delivery: some are sent and not noted, some are not sent.
            await Poll.Until(() => Task.FromResult(receiver.Received.Count > round * Logins));
            await server.Kill();
        }

        await using var last = await ServerProcess.Start(folder.In("data"), "Alerts:AllowPrivateTargets=true");
        await Poll.Until(() => Task.FromResult(receiver.Received.Select(webhook => webhook.Session).Distinct().Count() == logins.Count));

        var received = receiver.Received;
        // Nobody has said how browsers reach this server.
        Assert.All(received, webhook => Assert.Null(webhook.Json["hyperlink"]));
        Assert.Equal(logins, received.Select(webhook => webhook.Session).Distinct());
        Assert.All(received.GroupBy(webhook => webhook.Session), group => Assert.Single(group.Select(webhook => webhook.Id).Distinct()));
    }
}
