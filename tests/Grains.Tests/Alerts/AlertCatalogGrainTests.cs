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
        var told = new List<EventInfo>();
        var isAway = false;
        var events = Stub.Of<IEventRows>((_, args) =>
        {
            if (isAway)
            {
                return Task.FromException(new StorageUnavailableException("nothing was written", outcomeUnknown: false));
            }

            told.Add((EventInfo)args[0]!);
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

        var transport = Hook();
        var outcome = await grain.Save(new AlertSave(transport, null, null, null, BasedOn: null, new ChangedBy("key", null)));

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

    /// <summary>Two who read the same alerts and change a field each: the second has to make its change of what the first has left.</summary>
    [Fact]
    public async Task An_item_that_was_made_of_other_alerts_is_not_stored()
    {
        var row = new FakeRow<AlertCatalogV1>();
        var activation = new FakeActivation("alerts", IAlertCatalogGrain.Key, Stub.Of<IGrainFactory>((method, _) => throw new NotSupportedException(method.Name)));
        var grain = activation.Make(() => new AlertCatalogGrain(
            row, Stub.Of<IEventRows>((_, _) => Task.CompletedTask), Stub.Of<IAlertSender>((_, _) => false), Stub.Of<IIdSource>((_, _) => Guid.NewGuid()), TimeProvider.System));
        await grain.OnActivateAsync(CancellationToken.None);
        var hook = Hook();
        Assert.Equal(AlertSaveOutcome.Saved, await Save(hook, null));
        var read = (await grain.Read()).Revision;

        Assert.Equal(AlertSaveOutcome.Saved, await Save(hook with { SendOnce = true }, read));
        Assert.Equal(AlertSaveOutcome.Changed, await Save(hook with { Name = "renamed" }, read));

        Assert.Contains(hook with { SendOnce = true }, (await grain.Read()).Transports);

        Task<AlertSaveOutcome> Save(AlertTransport item, long? basedOn) => grain.Save(new AlertSave(item, null, null, null, basedOn, new ChangedBy("key", null)));
    }

    [Fact]
    public async Task A_transport_does_not_leave_a_rule_that_is_switched_on_with_nobody_to_notify()
    {
        var activation = new FakeActivation("alerts", IAlertCatalogGrain.Key, Stub.Of<IGrainFactory>((method, _) => throw new NotSupportedException(method.Name)));
        var grain = activation.Make(() => new AlertCatalogGrain(
            new FakeRow<AlertCatalogV1>(), Stub.Of<IEventRows>((_, _) => Task.CompletedTask), Stub.Of<IAlertSender>((_, _) => false), Stub.Of<IIdSource>((_, _) => Guid.NewGuid()), TimeProvider.System));
        await grain.OnActivateAsync(CancellationToken.None);
        var (hook, by) = (Hook(), new ChangedBy("key", null));
        var rule = new AlertRule(Guid.NewGuid(), "rule", [hook.Pk], AlertSeverity.Notice, false, [], true);
        Assert.Equal(AlertSaveOutcome.Saved, await grain.Save(new AlertSave(hook, null, null, null, null, by)));
        Assert.Equal(AlertSaveOutcome.Saved, await grain.Save(new AlertSave(null, rule, null, null, null, by)));
        var local = new AlertSave(hook with { Mode = TransportMode.Local }, null, null, null, null, by);

        Assert.Equal(AlertSaveOutcome.NobodyToNotify, await grain.Save(local));
        Assert.Equal(AlertSaveOutcome.Saved, await grain.Save(new AlertSave(null, rule with { Enabled = false }, null, null, null, by)));
        Assert.Equal(AlertSaveOutcome.Saved, await grain.Save(local));
        Assert.Equal(AlertSaveOutcome.NobodyToNotify, await grain.Save(new AlertSave(null, rule, null, null, null, by)));
        Assert.Equal(AlertSaveOutcome.Saved, await grain.Save(new AlertSave(null, rule with { Enabled = false, Name = "renamed" }, null, null, null, by)));
    }

    private static AlertTransport Hook() =>
        new(Guid.NewGuid(), "hook", TransportMode.Webhook, "https://hooks.example.test/", null, null, "", AlertNames.EventTemplate, false);
}
