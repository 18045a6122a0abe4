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
        Assert.InRange(receiver.Received.Count, 1, 2);
    }
}
