namespace SessionCluster.AspNetCore;

/// <summary>
/// Tells open tabs that their session has ended. One connection to the server serves all of them, and is there only while one is open. When
/// it is lost all tabs are let go: they ask again, and so miss nothing.
/// </summary>
internal sealed partial class EndingFeed(ISessionClusterClient client, ILogger<EndingFeed> log) : IDisposable
{
    private readonly Lock _lock = new();

    private readonly Dictionary<Guid, Waiting> _waiting = [];

    /// <summary>Ends the following that is under way; null while nobody follows.</summary>
    private CancellationTokenSource? _stop;

    /// <summary>Completes when the server tells of all that ends from then on, or when it cannot be followed.</summary>
    private Task _isFollowed = Task.CompletedTask;

    /// <summary>Waits until the session ends, and says why; null when the connection to the server is lost.</summary>
    /// <param name="session">The session.</param>
    /// <param name="isLive">Asks whether it is live: it may have ended after it was checked and before the server was followed.</param>
    /// <param name="cancellationToken">The tab is gone.</param>
    public async Task<string?> Wait(Guid session, Func<Task<bool>> isLive, CancellationToken cancellationToken)
    {
        var waiting = Begin(session);
        try
        {
            await waiting.IsFollowed.WaitAsync(cancellationToken);
            if (!waiting.Ended.Task.IsCompleted && !await isLive())
            {
                return "";
            }

            return await waiting.Ended.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            End(session, waiting);
        }
    }

    public void Dispose() => _stop?.Cancel();

    private Waiting Begin(Guid session)
    {
        lock (_lock)
        {
            if (_stop is null)
            {
                _stop = new CancellationTokenSource();
                var isFollowed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _isFollowed = isFollowed.Task;
                _ = Follow(_stop, isFollowed);
            }

            if (!_waiting.TryGetValue(session, out var waiting))
            {
                _waiting[session] = waiting = new Waiting(_isFollowed);
            }

            waiting.Tabs++;
            return waiting;
        }
    }

    private void End(Guid session, Waiting waiting)
    {
        lock (_lock)
        {
            if (--waiting.Tabs == 0 && _waiting.GetValueOrDefault(session) == waiting)
            {
                _waiting.Remove(session);
            }

            if (_waiting.Count == 0)
            {
                _stop?.Cancel();
                _stop = null;
            }
        }
    }

    private async Task Follow(CancellationTokenSource stop, TaskCompletionSource isFollowed)
    {
        // Not within the lock of the tab that begins it.
        await Task.Yield();
        try
        {
            var endings = await client.FollowEndingsAsync(stop.Token);
            isFollowed.TrySetResult();
            await foreach (var ending in endings)
            {
                Tell(ending);
            }
        }
        catch (Exception exception)
        {
            if (!stop.IsCancellationRequested)
            {
                LogLost(log, exception.Message);
            }
        }

        LetGo(stop);
        isFollowed.TrySetResult();
    }

    private void Tell(SessionEnding ending)
    {
        lock (_lock)
        {
            if (_waiting.Remove(ending.Session, out var waiting))
            {
                waiting.Ended.TrySetResult(ending.Reason);
            }
        }
    }

    /// <summary>The tabs of this following ask again; the next one that comes begins another.</summary>
    private void LetGo(CancellationTokenSource stop)
    {
        lock (_lock)
        {
            if (_stop == stop)
            {
                _stop = null;
                foreach (var waiting in _waiting.Values)
                {
                    waiting.Ended.TrySetResult(null);
                }

                _waiting.Clear();
            }
        }

        stop.Dispose();
    }

    [LoggerMessage(3, LogLevel.Warning, "Endings of sessions are not told to open tabs: {Reason}", EventName = "EndingsLost")]
    private static partial void LogLost(ILogger logger, string reason);

    /// <summary>The tabs of one session.</summary>
    private sealed class Waiting(Task isFollowed)
    {
        public Task IsFollowed => isFollowed;

        public int Tabs { get; set; }

        public TaskCompletionSource<string?> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
