using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using SessionCluster.Client;

namespace SessionCluster.AspNetCore;

/// <summary>
/// Tells open tabs that their session has ended. One connection to the server serves all of them, and is there only while one is open. When
/// it is lost all tabs are let go: they ask again, and so miss nothing.
/// </summary>
internal sealed partial class EndingFeed(ISessionClusterClient client, ILogger<EndingFeed> log) : IDisposable
{
    private readonly ConcurrentDictionary<Guid, Waiting> _waiting = new();

    private readonly Lock _following = new();

    private CancellationTokenSource? _stop;

    private int _tabs;

    /// <summary>Waits until the session ends, and says why; null when the connection to the server is lost.</summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">The tab is gone.</param>
    public async Task<string?> Wait(Guid session, CancellationToken cancellationToken)
    {
        var waiting = _waiting.GetOrAdd(session, static _ => new Waiting());
        Begin();
        try
        {
            return await waiting.Ended.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            End();
        }
    }

    public void Dispose() => _stop?.Dispose();

    private void Begin()
    {
        lock (_following)
        {
            if (_tabs++ == 0)
            {
                _stop = new CancellationTokenSource();
                _ = Follow(_stop.Token);
            }
        }
    }

    private void End()
    {
        lock (_following)
        {
            if (--_tabs == 0)
            {
                _stop!.Cancel();
                _stop.Dispose();
                _stop = null;
                _waiting.Clear();
            }
        }
    }

    private async Task Follow(CancellationToken stop)
    {
        try
        {
            await foreach (var ending in client.FollowEndingsAsync(stop))
            {
                if (_waiting.TryRemove(ending.Session, out var waiting))
                {
                    waiting.Ended.TrySetResult(ending.Reason);
                }
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
        catch (Exception exception) when (exception is SessionClusterUnavailableException or SessionClusterRequestException)
        {
            LogLost(log, exception.Message);
        }

        foreach (var session in _waiting.Keys)
        {
            if (_waiting.TryRemove(session, out var waiting))
            {
                waiting.Ended.TrySetResult(null);
            }
        }
    }

    [LoggerMessage(3, LogLevel.Warning, "Endings of sessions are not told to open tabs: {Reason}", EventName = "EndingsLost")]
    private static partial void LogLost(ILogger logger, string reason);

    /// <summary>The tabs of one session.</summary>
    private sealed class Waiting
    {
        public TaskCompletionSource<string?> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
