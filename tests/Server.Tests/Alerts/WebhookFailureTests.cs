using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace SessionCluster.Server.Tests.Alerts;

/// <summary>Receivers that fail, hang, are away or refuse: what waits, and for whom.</summary>
[Collection(nameof(AlertServer))]
public sealed class WebhookFailureTests(AlertServer shared)
{
    private readonly ApiClient _api = shared.Api;

    [Fact]
    public async Task A_receiver_that_fails_is_tried_again_with_the_same_id_and_only_its_user_waits()
    {
        var failing = Actions.NewUser();
        var others = Enumerable.Range(0, 3).Select(_ => Actions.NewUser()).ToArray();
        var served = new ConcurrentDictionary<string, bool>();
        // One user's are refused until all others have theirs.
        await using var receiver = await WebhookReceiver.Start((webhook, _) =>
        {
            var isRefused = webhook.User == $"name-{failing}" && served.Count < others.Length;
            if (webhook.User != $"name-{failing}")
            {
                served[webhook.User] = true;
            }

            return Task.FromResult(isRefused ? 500 : 200);
        });
        var transport = await _api.NewWebhook(receiver.Url);
        await _api.NewRule(transport, $"action = \\\"login\\\" and user.pk in ({string.Join(", ", others.Append(failing).Select(user => $"\\\"{user}\\\""))})");

        string[] logins = [(await _api.Login(failing)).Uuid, (await _api.Login(failing)).Uuid];
        await receiver.Until(1);
        foreach (var user in others)
        {
            await _api.Login(user);
        }

        await Poll.Until(async () => served.Count == others.Length && (await _api.Deliveries(transport)).Count == 0);

        var ofFailing = receiver.Attempts.Where(webhook => webhook.User == $"name-{failing}").ToList();
        Assert.Equal(logins, ofFailing.Select(webhook => webhook.Session).Distinct());
        Assert.True(ofFailing.Count > 2, "It was never refused.");
        Assert.Equal(2, ofFailing.Select(webhook => webhook.Id).Distinct().Count());
        Assert.Equal(logins[1], ofFailing[^1].Session);
        Assert.All(others, user => Assert.Single(receiver.Received, webhook => webhook.User == $"name-{user}"));
        Assert.Empty(await _api.Deliveries(transport, "failed"));
    }

    [Fact]
    public async Task A_receiver_that_hangs_or_is_dead_holds_up_no_other_and_what_it_missed_comes_when_it_is_back()
    {
        var hangs = true;
        await using var hanging = await WebhookReceiver.Start(async (_, context) =>
        {
            if (Volatile.Read(ref hangs))
            {
                await Task.Delay(TimeSpan.FromSeconds(30), context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            }

            return 200;
        });
        await using var healthy = await WebhookReceiver.Start();
        var user = Actions.NewUser();
        var slow = await _api.NewWebhook(hanging.Url);
        await _api.NewRule(slow, $"action = \\\"login\\\" and user.pk = \\\"{user}\\\"");
        await _api.NewRule(await _api.NewWebhook(healthy.Url), $"action = \\\"login\\\" and user.pk = \\\"{user}\\\"");

        var logins = new List<string>();
        for (var i = 0; i < 40; i++)
        {
            logins.Add((await _api.Login(user)).Uuid);
        }

        await healthy.Until(40);
        await Poll.Until(async () => (await _api.Deliveries(slow)).Any(delivery => delivery!["error"] is not null));
        var error = (await _api.Deliveries(slow)).First(delivery => delivery!["error"] is not null)!["error"]!.GetValue<string>();
        Volatile.Write(ref hangs, false);
        Assert.NotEqual(0, (await _api.Post($"{AlertActions.Transports}{slow}/deliveries/retry/")).Is(200).At("retried")!.GetValue<int>());
        await Poll.Until(async () => hanging.Received.Select(webhook => webhook.Session).Distinct().Count() == 40 && (await _api.Deliveries(slow)).Count == 0);

        Assert.Equal(logins, healthy.Received.Select(webhook => webhook.Session));
        Assert.Equal(logins, hanging.Received.Select(webhook => webhook.Session).Distinct());
        Assert.Equal("The receiver did not answer within seconds=2.", error);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_that_is_never_answered_holds_up_its_user_alone(bool isReset)
    {
        var poison = Actions.NewUser();
        await using var receiver = await WebhookReceiver.Start(async (webhook, context) =>
        {
            if (webhook.User == $"name-{poison}" && isReset)
            {
                context.Abort();
            }
            else if (webhook.User == $"name-{poison}")
            {
                await Task.Delay(TimeSpan.FromSeconds(30), context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            }

            return 200;
        });
        var others = Enumerable.Range(0, 5).Select(_ => Actions.NewUser()).ToArray();
        var transport = await _api.NewWebhook(receiver.Url);
        await _api.NewRule(transport, $"action = \\\"login\\\" and user.pk in ({string.Join(", ", others.Append(poison).Select(user => $"\\\"{user}\\\""))})");
        await _api.Login(poison);
        await Poll.Until(async () => (await _api.Deliveries(transport)).Any(delivery => delivery!["attempts"]!.GetValue<int>() > 1));

        foreach (var user in others)
        {
            await _api.Login(user);
        }

        await Poll.Until(() => Task.FromResult(others.All(user => receiver.Received.Any(webhook => webhook.User == $"name-{user}"))));
        await Poll.Until(async () => (await _api.Deliveries(transport)).Count == 1);
    }

    [Fact]
    public async Task A_user_whose_many_are_refused_does_not_stop_the_transport_for_others()
    {
        const int Rules = 10;
        var (many, other) = (Actions.NewUser(), Actions.NewUser());
        await using var receiver = await WebhookReceiver.Start((webhook, _) => Task.FromResult(webhook.User == $"name-{many}" ? 500 : 200));
        var transport = await _api.NewWebhook(receiver.Url);
        for (var i = 0; i < Rules; i++)
        {
            await _api.NewRule(transport, $"action = \\\"login\\\" and user.pk in (\\\"{many}\\\", \\\"{other}\\\")");
        }

        for (var i = 0; i < 80; i++)
        {
            await _api.Login(many);
        }

        await Poll.Until(async () => await Count("waiting") >= 490);
        var login = await _api.Login(other);

        await Poll.Until(() => Task.FromResult(receiver.Received.Count(webhook => webhook.User == $"name-{other}") == Rules));
        Assert.All(receiver.Received.Where(webhook => webhook.User == $"name-{other}"), webhook => Assert.Equal(login.Uuid, webhook.Session));
        await Poll.Until(async () => await Count("failed") > 0);
        Assert.Contains((await _api.Deliveries(transport, "failed")), delivery => delivery!["error"]!.GetValue<string>().StartsWith("Given up to make room", StringComparison.Ordinal));
        // Each process counts what it does itself, and the members of a cluster are asked in turn.
        await Poll.Until(async () => Regex.IsMatch((await _api.Get("/metrics")).Text, "sessioncluster_alerts_failed_total[{]mode=\"webhook\"[}] [1-9]"));

        async Task<int> Count(string status) =>
            (await _api.Get($"{AlertActions.Transports}{transport}/deliveries/?status={status}")).Is(200).At("pagination.count")!.GetValue<int>();
    }
}
