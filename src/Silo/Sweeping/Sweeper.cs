using SessionCluster.Silo.Hosting;

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
    ILogger<Sweeper> log,
    MemberClock? clock = null)
    : BackgroundService
{
    /// <summary>Most batches that one sweep deletes of a kind; what is left is for the next.</summary>
    private const int MaxBatches = 200;

    /// <summary>After this many failures of a kind (expired, idle) the rest waits for the next sweep: each may have taken the whole time of a call.</summary>
    private const int MaxFailures = 5;

    /// <summary>How many users are asked at the same time: what they write then shares a commit, and a busy hour's logins are kept up with.</summary>
    private const int AtOnce = 16;

    private readonly CommitThenTell _commits = new(grains);

    /// <summary>Where the last sweep gave up, and the next begins: those who can never be ended are overdue longest, and keep nobody from their turn.</summary>
    private DueSession? _afterExpired;

    /// <inheritdoc cref="_afterExpired"/>
    private DueSession? _afterIdle;

    /// <summary>One by one after a sweep that gave up: what sixteen ask for together may have been too much.</summary>
    private int _atOnce = AtOnce;

    /// <summary>How many users the last sweep left to a newer program.</summary>
    private int _left;

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

    /// <summary>One sweep. One who cannot be ended holds up neither the others nor the pruning.</summary>
    /// <exception cref="AggregateException">What failed.</exception>
    internal async Task Sweep(CancellationToken stop)
    {
        if (clock is { IsFarOff: true })
        {
            // By this clock sessions in use are idle and new plans are old. Other members sweep.
            return;
        }

        // Beside the endings: where many sessions end, that takes minutes.
        var pruning = Prune(options.Value.Batch, stop);
        try
        {
            (_afterExpired, var ofExpired) = await EndAll(
                rows.Expired, _afterExpired, due => due.User, of => _commits.End(of[0].User, new EndCommand([.. of.Select(due => due.Session)], EndReason.Expired)), stop);
            // Each is settled by that: ended, or its later use is stored now and it is not due any more.
            (_afterIdle, var ofIdle) = await EndAll(rows.Idle, _afterIdle, due => due.Session, of => grains.Session(of[0].Session).EndIfIdle(), stop);
            Failure[] failures = [.. ofExpired, .. ofIdle];
            var left = failures.Where(failure => failure.IsNewerRow).Select(failure => failure.User).Distinct().Count();
            if (left > _left)
            {
                LogLeft(left);
            }

            _left = left;
            Exception[] others = [.. failures.Where(failure => !failure.IsNewerRow).Select(failure => failure.Error)];
            _atOnce = others.Length < MaxFailures ? AtOnce : 1;
            if (others.Length > 0)
            {
                throw new AggregateException(others);
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

    /// <summary>
    /// Ends what is due in one way, page by page, those with the same key in one call. It gives up after some failures; the answer says behind
    /// which session, null when it came to the end.
    /// </summary>
    private async Task<(DueSession? After, List<Failure> Failures)> EndAll<T>(
        Func<DateTimeOffset, DueSession?, int, Task<ImmutableArray<DueSession>>> page, DueSession? after, Func<DueSession, T> key, Func<DueSession[], Task> end,
        CancellationToken stop)
    {
        var (now, limit) = (time.GetUtcNow(), options.Value.Batch);
        var failures = new List<Failure>();
        ImmutableArray<DueSession> due;
        do
        {
            due = await page(now, after, limit);
            foreach (var some in due.GroupBy(key).Select(group => group.ToArray()).Chunk(_atOnce))
            {
                if (stop.IsCancellationRequested || failures.Count(failure => !failure.IsNewerRow) >= MaxFailures)
                {
                    return (after, failures);
                }

                failures.AddRange((await Task.WhenAll(some.Select(of => Try(of[0].User, () => end(of))))).OfType<Failure>());
                // Up to here all are of users who were asked: the next one's first session is behind it.
                after = some[^1][0];
            }

            after = due.LastOrDefault();
        }
        while (due.Length == limit);

        return (null, failures);
    }

    private static async Task<Failure?> Try(UserId user, Func<Task> end)
    {
        try
        {
            await end();
            return null;
        }
        catch (Exception error)
        {
            return new Failure(user, error);
        }
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
        "The sessions of {Users} users are left as they are when their time is over: a newer program wrote a row of each. Members of that program end them.",
        EventName = "SweepLeaves")]
    private partial void LogLeft(int users);

    private sealed record Failure(UserId User, Exception Error)
    {
        /// <summary>No fault of the storage: a newer program wrote a row of the user.</summary>
        public bool IsNewerRow => Error is StorageUnavailableException { IsNewerRow: true };
    }
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
