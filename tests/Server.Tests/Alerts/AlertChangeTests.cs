namespace SessionCluster.Server.Tests.Alerts;

/// <summary>What changes of alerts mean for a delivery that is under way.</summary>
[Collection(nameof(AlertServer))]
public sealed class AlertChangeTests(AlertServer shared)
{
    private readonly ApiClient _api = shared.Api;

    [Fact]
    public async Task A_transport_that_is_deleted_while_notifications_wait_is_left_alone_from_then_on()
    {
        var user = Actions.NewUser();
        await using var receiver = await WebhookReceiver.Start((_, _) => Task.FromResult(500));
        var transport = await _api.NewWebhook(receiver.Url);
        await _api.NewRule(transport, $"action = \\\"login\\\" and user.pk = \\\"{user}\\\"");
        await _api.Login(user);
        await receiver.Until(1);

        (await _api.Delete($"{AlertActions.Transports}{transport}/")).Is(204);
        // The second attempt would be after one second, the third after two more.
        await Task.Delay(TimeSpan.FromSeconds(4));

        Assert.DoesNotContain($"Delivery by the transport {transport} failed", shared.Server.Log, StringComparison.Ordinal);
        Assert.InRange(receiver.Attempts.Count, 1, 2);
    }

    [Fact]
    public async Task Saving_does_not_wait_for_what_is_being_sent()
    {
        using var folder = new TempFolder();
        await using var server = await ServerProcess.Start(folder.In("data"), "Alerts:AllowPrivateTargets=true", "Alerts:SendTimeout=seconds=15");
        var release = new TaskCompletionSource();
        await using var receiver = await WebhookReceiver.Start(async (_, context) =>
        {
            await release.Task.WaitAsync(context.RequestAborted);
            return 200;
        });
        var transport = await server.Api.NewWebhook(receiver.Url);
        var rule = await server.Api.NewRule(transport);
        await server.Api.Login(Actions.NewUser());
        await receiver.Until(1);

        var patched = server.Api.Patch($"{AlertActions.Rules}{rule}/", """{"severity": "notice"}""");
        var added = server.Api.NewRule(transport, "action = \\\"logout\\\"");
        await Task.WhenAll(patched, added).WaitAsync(TimeSpan.FromSeconds(14));
        (await patched).Is(200);
        Assert.Single(receiver.Received);

        // The rule that was added meanwhile counts from its answer on.
        var login = await server.Api.Login(Actions.NewUser());
        (await server.Api.Post("/api/v3/sessions/revoke/", $$"""{"token": "{{login.Token}}"}""")).Is(200);
        release.SetResult();
        await Poll.Until(() => Task.FromResult(receiver.Received.Any(webhook => webhook.Json["event"]!["action"]!.GetValue<string>() == "logout")));
    }
}
