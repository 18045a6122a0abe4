namespace SessionCluster.Server.Tests.Alerts;

/// <summary>Delivery on a cluster whose members are killed one after the other.</summary>
[Trait("Server", "Own")]
public sealed class AlertClusterTests
{
    private const int LoginsOfEach = 8;

    [PostgreSqlFact]
    public async Task Delivery_goes_on_by_itself_when_the_member_that_delivers_dies()
    {
        using var cluster = new ProcessCluster(null, "Alerts:AllowPrivateTargets=true");
        await using var receiver = await WebhookReceiver.Start();
        var (first, second) = (cluster.Member(), cluster.Member());
        await ProcessCluster.Start(first, second);
        using var api = ProcessCluster.Client(first);
        using var other = ProcessCluster.Client(second);
        await api.NewRule(await api.NewWebhook(receiver.Url));
        var expected = new Dictionary<string, List<string>>();

        await LogIn(api);
        await receiver.Until(1);
        // The grain is on one of the two: each is killed once, while something is on its way.
        await first.Kill();
        await LogIn(other);
        await UntilDelivered();
        await ProcessCluster.Start(first);
        await LogIn(other);
        await second.Kill();
        await LogIn(api);
        await UntilDelivered();

        foreach (var (user, logins) in expected)
        {
            // A login whose answer was lost with a member is delivered, too.
            Assert.Equal(logins, receiver.Received.Where(webhook => webhook.User == $"name-{user}").Select(webhook => webhook.Session).Distinct().Where(logins.Contains));
        }

        async Task LogIn(ApiClient through)
        {
            var user = Actions.NewUser();
            expected[user] = [];
            await Poll.Until(async () =>
            {
                var answer = await through.TryLogin(user);
                if (answer.Status == 201)
                {
                    expected[user].Add(answer.StringAt("session.uuid"));
                }

                return expected[user].Count == LoginsOfEach;
            });
        }

        Task UntilDelivered() => Poll.Until(() =>
            Task.FromResult(expected.Values.SelectMany(logins => logins).Except(receiver.Received.Select(webhook => webhook.Session)).FirstOrDefault() is null));
    }
}
