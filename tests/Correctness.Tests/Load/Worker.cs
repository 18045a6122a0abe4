using System.Collections.Concurrent;
using SessionCluster.Correctness.Tests.History;

namespace SessionCluster.Correctness.Tests.Load;

/// <summary>Asks for one thing after another, as a seed has it, until a request stays without an answer.</summary>
internal sealed class Worker(Recorder recorder, SessionPool pool, Random random)
{
    private static readonly (Act Act, int Weight)[] Weights =
    [
        (Act.Validate, 46), (Act.Login, 22), (Act.TerminatingLogin, 4), (Act.PutData, 8), (Act.RevokeToken, 6), (Act.Delete, 4),
        (Act.Logout, 3), (Act.RevokeUser, 2), (Act.BulkDelete, 1), (Act.Deactivate, 1), (Act.Activate, 3),
    ];

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private static readonly int TotalWeight = Weights.Sum(w => w.Weight);

    /// <summary>The request without an answer; null when the server answered to the end.</summary>
    public async Task<Operation> Run()
    {
        while (true)
        {
            if (await Next() is { End: null } unanswered)
            {
                return unanswered;
            }
        }
    }

    /// <summary>Goes on until told; what stays without an answer is asked again with its key, as a front end would, until it has one.</summary>
    public async Task RunUntil(CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            var operation = await Next();
            while (operation is { End: null, Key: not null } && !done.IsCancellationRequested)
            {
                await Task.Delay(Pause, CancellationToken.None);
                operation = await recorder.Repeat(operation);
                Keep(operation);
            }

            if (operation.End is null)
            {
                await Task.Delay(Pause, CancellationToken.None);
            }
        }
    }

    private async Task<Operation> Next()
    {
        var operation = await Step();
        if (operation.End is not null && operation.Key is not null && random.Next(10) == 0)
        {
            operation = await recorder.Repeat(operation);
        }

        Keep(operation);
        return operation;
    }

    private void Keep(Operation operation)
    {
        if (operation is { IsLogin: true, IsDone: true })
        {
            pool.Add(operation.User, operation.Session!);
        }
    }

    private async Task<Operation> Step()
    {
        var act = Choose();
        var key = random.Next(2) == 0 ? $"{act}-{random.NextInt64():x16}" : null;
        if (act is Act.Validate or Act.PutData or Act.RevokeToken or Act.Delete or Act.Logout)
        {
            if (pool.Pick(random) is not var (user, session))
            {
                return await recorder.Login(pool.User(random), terminating: false, key);
            }

            var withKey = act == Act.RevokeToken ? key : null;
            return await recorder.Do(act, user, session, withKey, act == Act.PutData ? random.Next() : null);
        }

        return act is Act.Login or Act.TerminatingLogin
            ? await recorder.Login(pool.User(random), act == Act.TerminatingLogin, key)
            : await recorder.Do(act, pool.User(random), null, key);
    }

    private Act Choose()
    {
        var left = random.Next(TotalWeight);
        foreach (var (act, weight) in Weights)
        {
            left -= weight;
            if (left < 0)
            {
                return act;
            }
        }

        throw new InvalidOperationException("The weights do not add up.");
    }
}

/// <summary>The users of a run, and the sessions that logins answered with; ended ones too.</summary>
internal sealed class SessionPool(int users)
{
    private readonly ConcurrentDictionary<int, (string User, string Session)> _sessions = new();
    private int _count;

    /// <summary>The latest sessions are asked for most of the time; this many.</summary>
    private const int Recent = 60;

    public string User(Random random) => $"user-{random.Next(users)}";

    public void Add(string user, string session) => _sessions[Interlocked.Increment(ref _count) - 1] = (user, session);

    public (string User, string Session)? Pick(Random random)
    {
        var count = Volatile.Read(ref _count);
        var from = random.Next(3) == 0 ? 0 : Math.Max(0, count - Recent);
        return count > 0 && _sessions.TryGetValue(random.Next(from, count), out var found) ? found : null;
    }
}
