using SessionCluster.Api.Answers;

namespace SessionCluster.Api.Edge;

/// <summary>
/// A ready answer about one session for one address, and the share under which this process may give it. It counts from before the session's
/// grain was asked, and is over when either clock says so.
/// </summary>
/// <param name="ip">The address that it is for, canonical text.</param>
/// <param name="share">How long it may be given, from the asking on.</param>
/// <param name="asked">When the grain was asked.</param>
/// <param name="ready">What is answered, as the endpoints made it.</param>
/// <param name="lastUsed">The last use so far: the check that asked, or a later one that another answer served.</param>
internal sealed class EdgeAnswer(string ip, TimeSpan share, Asked asked, ReadyAnswers ready, DateTimeOffset lastUsed)
{
    // Ticks of UTC. Written by every check without a lock: of two at the same time either may win, they are as recent.
    private long _lastUsed = lastUsed.UtcTicks;

    public string Ip => ip;

    public ReadyAnswers Ready => ready;

    /// <summary>The last use of the session that this edge knows of.</summary>
    public DateTimeOffset LastUsed => new(Volatile.Read(ref _lastUsed), TimeSpan.Zero);

    /// <summary>Whether the share holds.</summary>
    public bool Holds(TimeProvider time) => asked.Holds(share, time);

    /// <summary>Notes a check that is answered now.</summary>
    public void Use(TimeProvider time) => Volatile.Write(ref _lastUsed, time.GetUtcNow().UtcTicks);
}

/// <summary>The moment before a question was sent, by both clocks.</summary>
/// <param name="Timestamp">The monotonic clock.</param>
/// <param name="Wall">The wall clock.</param>
internal readonly record struct Asked(long Timestamp, DateTimeOffset Wall)
{
    public static Asked Now(TimeProvider time) => new(time.GetTimestamp(), time.GetUtcNow());

    /// <summary>Whether what was granted for so long still holds.</summary>
    public bool Holds(TimeSpan share, TimeProvider time)
    {
        var passed = time.GetUtcNow() - Wall;
        return passed >= TimeSpan.Zero && passed < share && time.GetElapsedTime(Timestamp) < share;
    }
}

/// <summary>
/// What endpoints answer checks of one session with, made once and given many times; null where the endpoint has not been asked yet.
/// </summary>
/// <param name="TokenMac">The MAC of the session's token, by which it is known again without computing it.</param>
/// <param name="Validate">The JSON for a service.</param>
/// <param name="Current">The JSON for the session's owner.</param>
/// <param name="Headers">The headers for a reverse proxy.</param>
internal sealed record ReadyAnswers(UInt128 TokenMac, ReadyJson? Validate = null, ReadyJson? Current = null, IReadOnlyList<string>? Headers = null);

/// <summary>What a session's grain said, and the answers made of it.</summary>
/// <param name="Result">The grain's answer.</param>
/// <param name="Ready">What endpoints answer; present exactly when the session is live.</param>
internal readonly record struct EdgeCheck(ValidateResult Result, ReadyAnswers? Ready);
