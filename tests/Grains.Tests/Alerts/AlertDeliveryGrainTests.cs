using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SessionCluster.Alerts;
using SessionCluster.Events;
using SessionCluster.Storage;
using SessionCluster.Users;

namespace SessionCluster.Grains.Tests.Alerts;

public sealed class AlertDeliveryGrainTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private static readonly AlertTransport Hook =
        new(Guid.NewGuid(), "hook", TransportMode.Webhook, "https://wrong.example.test/", null, null, "", AlertNames.EventTemplate, false);

    private readonly FakeTimeProvider _time = new(Now);

    private readonly FakeRow<AlertDeliveryV1> _row = new();

    private readonly List<string> _sent = [];

    private readonly AlertRule _rule = new(Guid.NewGuid(), "rule", [Hook.Pk], AlertSeverity.Notice, false, [], true);

    private AlertItems _items = new(1, [Hook], [], [], []);

    private AlertSending _outcome = new(AlertOutcome.Delivered);

    private int _events;

    /// <summary>Whose an event is, where it is not that of the user 42.</summary>
    private readonly Dictionary<Guid, string> _userOf = [];

    [Fact]
    public async Task A_pause_ends_when_the_transport_is_corrected()
    {
        Wait(until: Now.AddMinutes(30));
        _items = _items with { Rules = [_rule] };
        var tick = await Begin();
        await tick();
        await tick();
        Assert.Empty(_sent);

        _items = _items with { Revision = 2, Transports = [Hook with { WebhookUrl = "https://right.example.test/" }] };
        await tick();

        Assert.Equal(["https://right.example.test/"], _sent);
        Assert.Empty(_row.Stored!.Waiting);
    }

    [Fact]
    public async Task One_that_is_corrected_and_still_unreachable_is_paused_again()
    {
        Wait(until: Now.AddMinutes(30));
        _items = _items with { Rules = [_rule] };
        var tick = await Begin();
        await tick();
        _outcome = new AlertSending(AlertOutcome.Unreachable, "nobody");
        _items = _items with { Revision = 2, Transports = [Hook with { Name = "renamed" }] };
        await tick();
        Assert.Single(_sent);

        await tick();
        await tick();

        Assert.Single(_sent);
        Assert.True(_row.Stored!.PausedUntil > Now);
    }

    /// <summary>As when the clock was set back: the longest pause is an hour.</summary>
    [Fact]
    public async Task A_pause_of_more_than_an_hour_is_none()
    {
        Wait(until: Now.AddHours(2));
        _items = _items with { Rules = [_rule] };

        await (await Begin())();

        Assert.Single(_sent);
    }

    [Fact]
    public async Task A_backlog_is_worked_off_in_one_pass_however_few_rules_there_are()
    {
        _events = 1_000;
        var all = new AlertMatcher(Guid.NewGuid(), "all", false, null, null, null, null, null);
        _items = _items with { Rules = [_rule], Matchers = [all], Bindings = [new AlertBinding(Guid.NewGuid(), _rule.Pk, all.Pk, false, true, 0, 30, false)] };
        _row.Stored = new AlertDeliveryV1 { Place = "0" };
        var tick = await Begin();

        await tick();

        Assert.Equal(0, _events);
    }

    [Fact]
    public async Task A_list_that_a_newer_program_wrote_holds_up_nobody_elses_notifications()
    {
        string[] users = [.. Enumerable.Range(1, 20).Select(number => $"newer{number}"), "sound"];
        _items = _items with { Revision = 2, Transports = [Hook with { Mode = TransportMode.Local }], Rules = [_rule] };
        _row.Stored = new AlertDeliveryV1
        {
            Place = "0", Waiting = [.. users.Select(user => new Delivery(Guid.NewGuid(), Guid.NewGuid(), _rule.Pk, user, null, 0, Now, Now, null, Now))],
        };
        foreach (var delivery in _row.Stored.Waiting)
        {
            _userOf[delivery.Event] = delivery.User;
        }

        await (await Begin())();

        Assert.Equal(users[..^1], _row.Stored!.Waiting.Select(delivery => delivery.User));
        Assert.All(_row.Stored.Waiting, delivery => Assert.Equal((1, StorageUnavailableException.NewerRow().Message), (delivery.Attempts, delivery.Error)));
    }

    private void Wait(DateTimeOffset until) => _row.Stored = new AlertDeliveryV1
    {
        PausedUntil = until, Failures = 12, Waiting = [new Delivery(Guid.NewGuid(), Guid.NewGuid(), _rule.Pk, "42", null, 12, Now.AddHours(-1), Now, "nobody", Now.AddHours(-1))],
    };

    private async Task<Func<Task>> Begin()
    {
        var catalog = Stub.Of<IAlertCatalogGrain>((_, _) => Task.FromResult(_items));
        var activation = new FakeActivation("alert-delivery", IAlertDeliveryGrain.KeyFor(Hook.Pk), MadeUpGrains.Factory((contract, key) => contract == typeof(INotificationGrain) ? NotificationsOf(key) : catalog));
        var events = Stub.Of<IEventRows>((_, args) => args[0] is EventCursorQuery query ? Task.FromResult(Read(query.Limit)) : Task.FromResult<EventInfo?>(Event(_userOf.GetValueOrDefault((Guid)args[0]!, "42"))));
        var sender = Stub.Of<IAlertSender>((_, args) =>
        {
            _sent.Add(((AlertTransport)args[0]!).WebhookUrl);
            return Task.FromResult(_outcome);
        });
        await _row.ReadStateAsync();
        var grain = activation.Make(() => new AlertDeliveryGrain(_row, events, sender, _time, NullLogger<AlertDeliveryGrain>.Instance));
        await grain.OnActivateAsync(CancellationToken.None);
        await grain.Begin();
        return Assert.Single(activation.Timers);
    }

    /// <summary>A log gives a hundred events at a time at most.</summary>
    private EventBatch Read(int limit)
    {
        var count = Math.Min(Math.Min(limit, 100), _events);
        _events -= count;
        return new EventBatch(EventCursorOutcome.Read, $"{_events}", [.. Enumerable.Range(0, count).Select(_ => new CursorEvent("", Event()))]);
    }

    private static INotificationGrain NotificationsOf(string key) => Stub.Of<INotificationGrain>((_, _) =>
        key.StartsWith("n:newer", StringComparison.Ordinal) ? throw StorageUnavailableException.NewerRow() : Task.CompletedTask);

    private static EventInfo Event(string user = "42") =>
        new(Guid.NewGuid(), EventActions.Login, new UserFacts(new UserId(user), "jane", "", ""), null, null, Now, "{}");
}
