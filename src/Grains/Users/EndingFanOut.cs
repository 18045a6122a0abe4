namespace SessionCluster.Users;

/// <summary>
/// Makes a committed ending effective everywhere. Works on its argument alone, so it may
/// run between the turns of anything else its grain does, and on any activation.
/// </summary>
internal sealed partial class EndingFanOut(
    IGrainFactory grains, IMembershipWatch membership, TimeProvider time, LeaseOptions options, ILogger log)
{
    private readonly TimeSpan _bound = options.Bound;

    /// <summary>Returns once no node can accept one of the ended sessions any more.</summary>
    public async Task<Receipt> Run(Ending ending)
    {
        // Counted from here, not from the moment of the decision: the commit has happened by now.
        var start = time.GetTimestamp();
        var acknowledged = !ending.WaitOut && await TellAll(ending, start);
        var waitsOut = ending.NeedsTelling && !(acknowledged && await membership.UnchangedFor(options.Settling, ending.Membership));
        if (waitsOut)
        {
            // Again, where a wait was a little short: timers count by a coarser clock.
            while (_bound - time.GetElapsedTime(start) is { Ticks: > 0 } rest)
            {
                await Task.Delay(rest + TimeSpan.FromMilliseconds(1), time);
            }
        }

        if (ending.NeedsTelling)
        {
            SessionMetrics.BecameEffective(time.GetElapsedTime(start), waitsOut);
        }

        return new Receipt(ending.Revision, ending.CommittedAt, ending.Ended, time.GetUtcNow());
    }

    /// <summary>Tells a bounded number at a time. False as soon as the bound is over or one could not be told.</summary>
    private async Task<bool> TellAll(Ending ending, long start)
    {
        var running = new HashSet<Task<bool>>();
        var all = true;
        foreach (var session in ending.MayHoldLease)
        {
            running.Add(TellOne(session, start));
            if (running.Count >= options.TellParallelism)
            {
                var done = await Task.WhenAny(running);
                running.Remove(done);
                all &= await done;
            }
        }

        foreach (var acknowledged in await Task.WhenAll(running))
        {
            all &= acknowledged;
        }

        return all;
    }

    private async Task<bool> TellOne(SessionId session, long start)
    {
        var rest = _bound - time.GetElapsedTime(start);
        if (rest <= TimeSpan.Zero)
        {
            return false;
        }

        try
        {
            await grains.Session(session).Ended().WaitAsync(rest, time);
            return true;
        }
        catch (Exception exception)
        {
            LogNotTold(exception, session);
            return false;
        }
    }

    [LoggerMessage(1003, LogLevel.Warning, "Session {Session} did not acknowledge its ending; its lease is waited out.", EventName = "SessionNotTold")]
    private partial void LogNotTold(Exception exception, SessionId session);
}
