using SessionCluster.Alerts;
using SessionCluster.Events;
using SessionCluster.LoginStage;
using SessionCluster.Sessions;
using SessionCluster.Storage;

namespace SessionCluster.Grains.Tests.Alerts;

public sealed class AlertCatalogGrainTests
{
    [Fact]
    public async Task A_change_that_is_stored_is_not_said_to_have_failed_and_its_event_follows()
    {
        var told = new List<EventV1>();
        var isAway = false;
        var events = Stub.Of<IEventRows>((_, args) =>
        {
            if (isAway)
            {
                return Task.FromException(new StorageUnavailableException("nothing was written", outcomeUnknown: false));
            }

            told.Add((EventV1)args[0]!);
            return Task.CompletedTask;
        });
        var ids = Stub.Of<IIdSource>((_, _) => Guid.NewGuid());
        var row = new FakeRow<AlertCatalogV1>();
        var activation = new FakeActivation("alerts", IAlertCatalogGrain.Key, Stub.Of<IGrainFactory>((method, _) => throw new NotSupportedException(method.Name)));
        var grain = activation.Make(() => new AlertCatalogGrain(row, events, Stub.Of<IAlertSender>((_, _) => false), ids, TimeProvider.System));
        await grain.OnActivateAsync(CancellationToken.None);
        row.Writes.Enqueue(() =>
        {
            isAway = true;
            return Task.CompletedTask;
        });

        var transport = new AlertTransport(Guid.NewGuid(), "hook", TransportMode.Webhook, "https://hooks.example.test/", null, null, "", AlertNames.EventTemplate, false);
        var outcome = await grain.Save(new AlertSave(transport, null, null, null, MadeOf: null, new ChangedBy("key", null)));

        Assert.Equal(AlertSaveOutcome.Saved, outcome);
        Assert.Contains(transport, (await grain.Read()).Transports);
        var tick = Assert.Single(activation.Timers);
        await tick();
        Assert.Empty(told);

        isAway = false;
        await tick();
        await tick();
        Assert.Equal(row.Stored!.Event, Assert.Single(told));
    }
}
