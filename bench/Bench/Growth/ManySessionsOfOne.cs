using SessionCluster.Bench.Rounds;
using SessionCluster.Bench.Storage;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Bench.Growth;

/// <summary>What a user's many sessions cost: logins and checks for users with a thousand sessions against users with one.</summary>
internal sealed class ManySessionsOfOne : IComparison
{
    private const int Many = 1_000;
    private const int InARow = 100;
    private const long FirstOfMany = 500_000_000;

    public string Name => "growth-user";

    public string Goal => "login and check of a user with 1,000 sessions against one with a single session: at most twice the cost";

    public string? Missing => null;

    public async Task Run(Runner runner, Report report)
    {
        await using var host = await ProductHost.Start();
        var crowded = new SessionId[Load.Callers];
        var single = new SessionId[Load.Callers];
        await Task.WhenAll(Enumerable.Range(0, Load.Callers).Select(caller => Task.Run(async () =>
        {
            single[caller] = await Person.LogIn(host.Grains, caller);
            for (var i = 0; i < Many; i++)
            {
                crowded[caller] = await Person.LogIn(host.Grains, FirstOfMany + caller);
            }
        })));
        var checks = await runner.Alternate(
            new Side("checks, 1,000 sessions", length => Check(host.Grains, length, FirstOfMany, crowded)),
            new Side("checks, one session", length => Check(host.Grains, length, 0, single)));
        var next = (long)Load.Callers;
        var logins = await runner.Alternate(
            new Side("logins, 1,000 sessions", length => Load.Run(length, caller => Person.LogIn(host.Grains, FirstOfMany + caller))),
            new Side("logins, first session", length => Load.Run(length, _ => Person.LogIn(host.Grains, Interlocked.Increment(ref next)))));
        report.AtLeast(Name, "checks/s, 64 callers", checks[0].PerSecond * InARow, checks[1].PerSecond * InARow, 0.5);
        report.AtLeast(Name, "logins/s, 64 callers", logins[0].PerSecond, logins[1].PerSecond, 0.5);
    }

    private static Task<Sample> Check(IGrainFactory grains, TimeSpan length, long first, SessionId[] sessions) => Load.Run(length, async caller =>
    {
        var command = new ValidateCommand(Person.Client(first + caller));
        var session = grains.Session(sessions[caller]);
        for (var i = 0; i < InARow; i++)
        {
            await session.Validate(command);
        }
    });
}

/// <summary>How long it takes to end ten thousand sessions of one user.</summary>
internal sealed class EndingOfMany : IComparison
{
    private const int Many = 10_000;
    private const int Times = 5;

    public string Name => "growth-ending";

    public string Goal => "ending 10,000 sessions of a user: effective everywhere within a second";

    public string? Missing => null;

    public async Task Run(Runner runner, Report report)
    {
        await using var host = await ProductHost.Start();
        var taken = new List<double>();
        for (var time = 0; time < Times; time++)
        {
            var user = 700_000_000L + time;
            for (var i = 0; i < Many; i += Load.Callers)
            {
                await Task.WhenAll(Enumerable.Range(0, Math.Min(Load.Callers, Many - i)).Select(_ => Person.LogIn(host.Grains, user)));
            }

            var grain = host.Grains.User(Person.Id(user));
            var since = System.Diagnostics.Stopwatch.GetTimestamp();
            var result = await grain.End(new EndCommand(null, EndReason.RevokedByAdmin, Client: Person.Client(user)));
            var receipt = await grain.Tell(result.Ending!);
            taken.Add(System.Diagnostics.Stopwatch.GetElapsedTime(since).TotalMilliseconds);
            if (receipt.Ended.Length != Many)
            {
                throw new InvalidOperationException($"{receipt.Ended.Length} sessions were ended, not {Many}.");
            }
        }

        Console.WriteLine($"  milliseconds: {string.Join(' ', taken.Select(ms => ms.ToString("F0", System.Globalization.CultureInfo.InvariantCulture)))}");
        report.Limit(Name, "10,000 sessions, ms", taken.Order().ElementAt(Times / 2), 1000);
    }
}
