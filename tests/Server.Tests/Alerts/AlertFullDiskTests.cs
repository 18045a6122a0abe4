using System.Collections.Concurrent;

namespace SessionCluster.Server.Tests.Alerts;

/// <summary>What is delivered while the database can be read and not written.</summary>
[Trait("Server", "Own")]
public sealed class AlertFullDiskTests
{
    [SmallDiskFact]
    public async Task On_a_full_disk_nothing_is_sent_again_and_again_and_the_rest_arrives_when_there_is_room()
    {
        using var disk = new SmallDisk();
        var (isRefusing, full, taken) = (true, new TaskCompletionSource(), new ConcurrentQueue<ReceivedWebhook>());
        await using var receiver = await WebhookReceiver.Start(async (webhook, _) =>
        {
            if (Volatile.Read(ref isRefusing))
            {
                return 500;
            }

            taken.Enqueue(webhook);
            await full.Task;
            return 200;
        });
        await using var server = await ServerProcess.StartKind(disk.In("data"), ServerKind.OnSqlite, "Alerts:AllowPrivateTargets=true");
        var transport = await server.Api.NewWebhook(receiver.Url);
        await server.Api.NewRule(transport);
        string[] logins = [(await server.Api.Login(Actions.NewUser())).Uuid, (await server.Api.Login(Actions.NewUser())).Uuid];
        await Poll.Until(async () => (await server.Api.Deliveries(transport)).Count(delivery => delivery!["attempts"]!.GetValue<int>() > 0) == 2);

        Volatile.Write(ref isRefusing, false);
        await Poll.Until(() => Task.FromResult(!taken.IsEmpty));
        disk.Fill();
        full.SetResult();
        // Long enough for the grain to be made anew several times.
        await Task.Delay(TimeSpan.FromSeconds(8));
        var sent = taken.Select(webhook => webhook.Id).ToList();
        disk.Free();

        Assert.Equal(sent.Distinct(), sent);
        await Poll.Until(async () => (await server.Api.Deliveries(transport)).Count == 0);
        Assert.Equal(logins.Order(), taken.Select(webhook => webhook.Session).Distinct().Order());
        Assert.Null(await server.Api.WhyNot((await server.Api.Login(Actions.NewUser())).Token));
    }
}
