namespace SessionCluster.Api.Sessions;

/// <summary>
/// <c>GET /api/v3/sessions/current/events/</c>: server-sent events of the caller's own session. There is one: <c>ended</c>, with the reason,
/// as soon as that is so everywhere; then the stream closes. Opening it is a use of the session, staying is not. A page that names its session
/// in the query (<c>session</c>) gets 401 when the request is of another one, as where somebody else has signed in since in the browser.
/// </summary>
internal sealed class CurrentEventsEndpoint(
    IGrainFactory grains, EndingWatch watch, CommitThenTell commits, EdgeChecks checks, ConnectionClient connection, Drain drain, TimeProvider time)
{
    private const string Named = "session";

    /// <summary>How soon the session is asked again after it may have ended; each further time it waits twice as long.</summary>
    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// How long an ending can take to be effective everywhere: the most that <c>Leases:LedgerFreshness</c> and <c>Leases:Duration</c> may be
    /// together. A process beside the cluster does not know what they are there.
    /// </summary>
    private static readonly TimeSpan LongestEnding = TimeSpan.FromSeconds(20);

    /// <summary>This many heartbeats are longer than that.</summary>
    private const int BeatsUntilSettled = 2;

    public async Task Follow(HttpContext context, Caller caller)
    {
        if (context.Request.Query[Named].ToString() is { Length: > 0 } named && !(PathSegment.TryGuid(named, out var uuid) && uuid == caller.Session!.Id.Value))
        {
            await ProblemAnswer.Write(context, Problem.Unauthenticated, "`session` names another session than that of the request.");
            return;
        }

        using var waiting = await watch.Begin(caller.Session!.Id);
        if (waiting is null)
        {
            context.Response.Headers.RetryAfter = "15";
            await ProblemAnswer.Write(
                context, Problem.TooManyReaders, $"{EndingWatch.MaxOfSession} tabs wait for the end of this session here already, or {EndingWatch.MaxWaiting} for that of any.");
            return;
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, drain.Over);
        var (client, session) = (connection.FactsOfUse(context), caller.Session);
        EventStreamWriter.WriteHead(context.Response);
        try
        {
            await Send(context, ": waiting\n\n", ending.Token);
            // Asked once more: it may have ended between the gate's check and the beginning of the wait.
            while (await IsLive(session.Id))
            {
                await Wait(context, waiting, session, ending.Token);
                waiting.Renew();
                await Settle(context, session.Id, ending.Token);
            }

            // The session's grain may know of the ending before it holds everywhere. An Expired ending ends nothing that is not past its end;
            // as a second ending it is answered only when the first one is effective, which takes less than a stream may be silent.
            await Send(context, ": alive\n\n", ending.Token);
            await commits.End(session.Id, new EndCommand([session.Id], EndReason.Expired));
            var status = (await checks.Ask(session.Id, client)).Status;
            await Send(context, $"event: ended\ndata: {{\"reason\":\"{JsonForms.ReasonName(status)}\"}}\n\n", ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // Nobody listens any more, or the server stops: the tab asks again by itself.
        }
    }

    private async Task Wait(HttpContext context, EndingWatch.Waiting waiting, SessionInfo session, CancellationToken ending)
    {
        for (var beats = 1; time.GetUtcNow() is var now && now < session.Expires; beats++)
        {
            var pause = session.Expires - now < EventStreamWriter.Silence ? session.Expires - now : EventStreamWriter.Silence;
            try
            {
                await waiting.Told.WaitAsync(pause, time, ending);
                return;
            }
            catch (TimeoutException)
            {
                await Send(context, ": alive\n\n", ending);
            }

            // What was committed just before the wait began is told to nobody, and a lease may have said that the session lives.
            if (beats == BeatsUntilSettled && !await IsLive(session.Id))
            {
                return;
            }
        }
    }

    // The log has an ending with the commit; a lease may hold for some milliseconds more, and it is not over everywhere before that. A session
    // that is still live after the longest time has not ended: it was only unknown whether it had.
    private async Task Settle(HttpContext context, SessionId session, CancellationToken ending)
    {
        var begin = time.GetTimestamp();
        for (var pause = AskAgain; time.GetElapsedTime(begin) < LongestEnding && await IsLive(session); pause *= 2)
        {
            await Send(context, ": alive\n\n", ending);
            await Task.Delay(pause, time, ending);
        }
    }

    // Describing is not a use: it prolongs nothing, and no address is checked.
    private async Task<bool> IsLive(SessionId session) => await AskAgainException.Repeat(grains.Session(session).Describe) is not null;

    private static async Task Send(HttpContext context, string text, CancellationToken ending)
    {
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), ending);
        await context.Response.Body.FlushAsync(ending);
    }
}
