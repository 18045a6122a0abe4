using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SessionCluster.Alerts;
using SessionCluster.Silo.Alerts;

namespace SessionCluster.Domain.Tests.Alerts;

public sealed class AlertFollowerTests
{
    [Fact]
    public async Task Transports_in_use_are_called_every_other_second_and_all_others_once_a_minute()
    {
        var calls = new ConcurrentQueue<string>();
        var transport = new AlertTransport(Guid.NewGuid(), "used", TransportMode.Webhook, "https://hooks.example.test/", null, null, "", AlertNames.EventTemplate, false);
        var rule = new AlertRule(Guid.NewGuid(), "rule", [transport.Pk], AlertSeverity.Notice, false, [], true);
        var items = new AlertItems(
            1, [transport, transport with { Pk = Guid.NewGuid(), Name = "unused" }], [rule], [],
            [new AlertBinding(Guid.NewGuid(), rule.Pk, Guid.NewGuid(), false, true, 0, 30, false)]);
        var catalog = Stub.Of<IAlertCatalogGrain>((_, _) => Task.FromResult(items));
        var grains = Stub.Of<IGrainFactory>((method, args) => method.ReturnType == typeof(IAlertCatalogGrain)
            ? catalog
            : Stub.Of<IAlertDeliveryGrain>((_, _) =>
            {
                calls.Enqueue((string)args[0]!);
                return Task.FromResult(true);
            }));
        using var time = new Clock();
        using var follower = new AlertFollower(grains, time, NullLogger<AlertFollower>.Instance);
        await follower.StartAsync(CancellationToken.None);

        // The first round calls all; 31 rounds later, a minute has gone by.
        for (var round = 1; round <= 31; round++)
        {
            await time.Waits.WaitAsync();
            time.Advance(TimeSpan.FromSeconds(2));
            await Poll.Until(() => Task.FromResult(Count(items.Transports[0]) == round));
        }

        Assert.Equal(2, Count(items.Transports[1]));
        await follower.StopAsync(CancellationToken.None);

        int Count(AlertTransport of) => calls.Count(key => key == IAlertDeliveryGrain.KeyFor(of.Pk));
    }

    [Fact]
    public async Task A_round_that_fails_is_told_of_once_and_so_is_the_next_that_goes_well()
    {
        var (asked, isAway) = (0, true);
        var catalog = Stub.Of<IAlertCatalogGrain>((_, _) =>
        {
            asked++;
            return isAway ? Task.FromException<AlertItems>(new TimeoutException()) : Task.FromResult(new AlertItems(1, [], [], [], []));
        });
        var log = new KeptLog<AlertFollower>();
        using var time = new Clock();
        using var follower = new AlertFollower(Stub.Of<IGrainFactory>((_, _) => catalog), time, log);
        await follower.StartAsync(CancellationToken.None);
        for (var round = 1; round <= 4; round++)
        {
            await time.Waits.WaitAsync();
            isAway = round <= 2;
            time.Advance(TimeSpan.FromSeconds(2));
            await Poll.Until(() => Task.FromResult(asked == round));
        }

        await time.Waits.WaitAsync();
        await follower.StopAsync(CancellationToken.None);
        Assert.Single(log.Errors);
        Assert.Equal(["The delivery of alerts is seen to again."], log.Informations);
    }

    /// <summary>A clock that says when somebody waits for it.</summary>
    private sealed class Clock : FakeTimeProvider, IDisposable
    {
        public SemaphoreSlim Waits { get; } = new(0);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            Waits.Release();
            return timer;
        }

        public void Dispose() => Waits.Dispose();
    }
}
