namespace SessionCluster.Silo.Sweeping;

/// <summary>
/// Ends expired and idle sessions through their users' grains, in batches, and prunes what is kept for a time only.
/// Nothing depends on it for correctness: a check looks at the clock itself. It only writes the event of an ending that has come by time, and removes the row.
/// </summary>
internal sealed partial class Sweeper(
    IGrainFactory grains,
    SweptRows rows,
    TimeProvider time,
    IOptions<SweepOptions> options,
    IOptions<EventOptions> events,
    ILogger<Sweeper> log)
    : BackgroundService
{
    /// <summary>Most batches of one sweep; what is left is for the next.</summary>
    private const int MaxBatches = 200;

    /// <summary>After this many failures of a kind (expired, idle) the rest waits for the next sweep: each may have taken the whole time of a call.</summary>
    private const int MaxFailures = 5;

    /// <summary>How many users are asked at the same time: what they write then shares a commit, and a busy hour's logins are kept up with.</summary>
    private const int AtOnce = 16;

    /// <summary>Most users that are left to a newer program; more are failures.</summary>
    private const int MaxLeft = 10_000;

    private static readonly TimeSpan LeavesFor = TimeSpan.FromHours(1);

    private readonly CommitThenTell _commits = new(grains);

    /// <summary>Users with a row that only a newer program reads: each sweep would hear the same.</summary>
    private readonly HashSet<UserId> _left = [];

    /// <summary>Since when: a member that answered so may be of the newer program by now.</summary>
    private DateTimeOffset _leftSince;

    /// <summary>One by one after a sweep that was given up: what sixteen ask for together may have been too much.</summary>
    private int _atOnce = AtOnce;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var interval = options.Value.IntervalValue;
        var isFailing = false;
        // Several servers started together should not sweep together.
        var pause = interval * (RandomNumberGenerator.GetInt32(1000) / 1000d);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(pause, time, stoppingToken);
                pause = interval;
                await Sweep(stoppingToken);
                if (isFailing)
                {
                    LogSweepsAgain();
                }

                isFailing = false;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                if (!isFailing && !stoppingToken.IsCancellationRequested)
                {
                    LogSweepFailed(exception);
                }

                isFailing = true;
            }
        }
    }

    /// <summary>One sweep: as many batches as there is work for, bounded. One who cannot be ended holds up neither the others nor the pruning.</summary>
    /// <exception cref="AggregateException">What failed.</exception>
    internal async Task Sweep(CancellationToken stop)
    {
        var (limit, now) = (options.Value.Batch, time.GetUtcNow());
        if (now - _leftSince > LeavesFor)
        {
            _left.Clear();
            _leftSince = now;
        }

        var before = _left.Count;
        // Beside the endings: where many sessions end, that takes minutes.
        var pruning = Prune(limit, stop);
        try
        {
            var failures = await EndDue(limit, stop);
            _atOnce = failures.Count < MaxFailures ? AtOnce : 1;
            if (_left.Count > before)
            {
                LogLeft(_left.Count);
            }

            if (failures.Count > 0)
            {
                throw new AggregateException(failures);
            }
        }
        finally
        {
            await pruning;
        }
    }

    private async Task Prune(int limit, CancellationToken stop)
    {
        var now = time.GetUtcNow();
        await Prune(limit, () => rows.PruneEnded(now - EndedV1.Kept, limit), stop);
        // A plan is over this long after its creation, and so surely this long after its last write.
        await Prune(limit, () => rows.PrunePlans(now - IPlanGrain.Lifetime, limit), stop);
        await Prune(limit, () => rows.PruneEvents(Before(now, events.Value.RetentionValue), limit), stop);
    }

    private async Task<List<Exception>> EndDue(int limit, CancellationToken stop)
    {
        var (ofExpired, ofIdle) = (new List<Exception>(), new List<Exception>());
        var left = 0;
        IReadOnlyList<DueSession> before = [];
        for (var batch = 0; batch < MaxBatches && (IsToGoOn(ofExpired) || IsToGoOn(ofIdle)); batch++)
        {
            var asked = limit + left;
            var due = await rows.Due(time.GetUtcNow(), asked);
            if (due.SequenceEqual(before))
            {
                // Nothing of what was done is stored.
                break;
            }

            before = due;
            var ended = await EndExpired(due) + await EndIdle(due);
            // They stay due, so that the next batch has to be longer by them.
            left = due.Count(IsLeft);
            if (due.Length < asked || (ended == 0 && limit + left == asked))
            {
                break;
            }
        }

        return [.. ofExpired, .. ofIdle];

        async Task<int> EndExpired(IEnumerable<DueSession> due)
        {
            var ended = 0;
            foreach (var users in Shuffled(due.Where(d => d.Expired && !IsLeft(d)).GroupBy(d => d.User)).Chunk(_atOnce).TakeWhile(_ => IsToGoOn(ofExpired)))
            {
                await Task.WhenAll(users.Select(user => Try(ofExpired, user.Key, async () =>
                {
                    var command = new EndCommand([.. user.Select(d => d.Session)], EndReason.Expired);
                    Interlocked.Add(ref ended, (await _commits.End(user.Key, command))?.Ended.Length ?? 0);
                })));
            }

            return ended;
        }

        async Task<int> EndIdle(IEnumerable<DueSession> due)
        {
            var settled = 0;
            foreach (var sessions in Shuffled(due.Where(d => !d.Expired && !IsLeft(d))).Chunk(_atOnce).TakeWhile(_ => IsToGoOn(ofIdle)))
            {
                await Task.WhenAll(sessions.Select(session => Try(ofIdle, session.User, async () =>
                {
                    // Settled either way: ended, or its later use is stored now and it is not due any more.
                    await grains.Session(session.Session).EndIfIdle();
                    Interlocked.Increment(ref settled);
                })));
            }

            return settled;
        }

        bool IsToGoOn(List<Exception> failures) => failures.Count < MaxFailures && !stop.IsCancellationRequested;
    }

    private bool IsLeft(DueSession session) => _left.Contains(session.User);

    private async Task Try(List<Exception> failures, UserId user, Func<Task> end)
    {
        try
        {
            await end();
        }
        catch (Exception failure)
        {
            lock (_left)
            {
                if (failure is StorageUnavailableException { IsNewerRow: true } && _left.Count < MaxLeft)
                {
                    _left.Add(user);
                }
                else
                {
                    failures.Add(failure);
                }
            }
        }
    }

    /// <summary>
    /// In another order each time: some who can never be ended stay the longest overdue, and would keep the others from their turn.
    /// </summary>
    private static T[] Shuffled<T>(IEnumerable<T> due)
    {
        T[] shuffled = [.. due];
        RandomNumberGenerator.Shuffle<T>(shuffled);
        return shuffled;
    }

    private static async Task Prune(int limit, Func<Task<int>> batch, CancellationToken stop)
    {
        for (var i = 0; i < MaxBatches && !stop.IsCancellationRequested && await batch() >= limit; i++)
        {
        }
    }

    private static DateTimeOffset Before(DateTimeOffset now, TimeSpan length) =>
        length >= now - DateTimeOffset.MinValue ? DateTimeOffset.MinValue : now - length;

    [LoggerMessage(2001, LogLevel.Error, "A sweep of expired and idle sessions failed; the next ones go on, and say nothing until one goes well.", EventName = "SweepFailed")]
    private partial void LogSweepFailed(Exception exception);

    [LoggerMessage(2002, LogLevel.Information, "Sweeps of expired and idle sessions go well again.", EventName = "SweepsAgain")]
    private partial void LogSweepsAgain();

    [LoggerMessage(
        2003, LogLevel.Warning,
        "The sessions of {Users} users are left as they are when their time is over, for an hour: a newer program wrote a row of each. Members of that program end them.",
        EventName = "SweepLeaves")]
    private partial void LogLeft(int users);
}

public sealed class SweepOptions : ICheckedOptions
{
    public const string Section = "Sweeping";

    /// <summary>Pause between two sweeps; <c>seconds=10</c>. One second to one hour. The start is jittered by up to this.</summary>
    public string Interval { get; set; } = "seconds=10";

    /// <summary>Most rows of one step; 500. 1 to 10,000.</summary>
    public int Batch { get; set; } = 500;

    internal TimeSpan IntervalValue => Duration.Load(Interval).Value;

    public void Check(SettingsCheck check)
    {
        check.Duration(nameof(Interval), Interval, "seconds=1", "hours=1");
        check.Range(nameof(Batch), Batch, 1, 10_000);
    }
}

/// <summary>Puts the sweeper into the server.</summary>
public static class SweeperServices
{
    /// <summary>Registers it. Add it after the engine: it is then stopped before it.</summary>
    public static IServiceCollection AddSweeper(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddChecked<EventOptions>(configuration, EventOptions.Section);
        services.AddChecked<SweepOptions>(configuration, SweepOptions.Section);
        services.AddHostedService<Sweeper>();
        return services;
    }
}
