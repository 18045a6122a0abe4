namespace SessionCluster.Server.Tests.Alerts;

/// <summary>The process is killed between sending and noting, and goes on by itself.</summary>
public sealed class AlertCrashTests
{
    [Fact]
    public async Task After_kills_every_login_is_delivered_in_order_and_doubles_have_the_same_id()
    {
        const int Rounds = 3;
        const int Logins = 25;
        using var folder = new TempFolder();
        var (untilHeld, held) = (0, 0);
        // In each round the tenth is received and not answered: the process is killed while it waits, and must send it again.
        await using var receiver = await WebhookReceiver.Start(async (_, context) =>
        {
            if (Interlocked.Decrement(ref untilHeld) == 0)
            {
                Interlocked.Increment(ref held);
                await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            }

            return 200;
        });
        var logins = new List<string>();
        var user = Actions.NewUser();
        for (var round = 0; round < Rounds; round++)
        {
            Volatile.Write(ref untilHeld, 10);
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
            await Poll.Until(() => Task.FromResult(Volatile.Read(ref held) > round));
            await server.Kill();
        }

        await using var last = await ServerProcess.Start(folder.In("data"), "Alerts:AllowPrivateTargets=true");
        await Poll.Until(() => Task.FromResult(receiver.Received.Select(webhook => webhook.Session).Distinct().Count() == logins.Count));

        var received = receiver.Attempts;
        // Nobody has said how browsers reach this server.
        Assert.All(received, webhook => Assert.Null(webhook.Json["hyperlink"]));
        Assert.Equal(logins, received.Select(webhook => webhook.Session).Distinct());
        Assert.InRange(received.GroupBy(webhook => webhook.Session).Count(group => group.Count() > 1), Rounds, logins.Count);
        Assert.All(received.GroupBy(webhook => webhook.Session), group => Assert.Single(group.Select(webhook => webhook.Id).Distinct()));
    }
}
