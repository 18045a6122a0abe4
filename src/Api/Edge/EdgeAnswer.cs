namespace SessionCluster.Api.Edge;

/// <summary>
/// A ready answer about one session for one address, and the share under which this process may give it. It counts from before the session's
/// grain was asked, and is over when either clock says so.
/// </summary>
/// <param name="ip">The address that it is for, canonical text.</param>
/// <param name="share">How long it may be given, from the asking on.</param>
/// <param name="renewAfter">How long after the asking a longer share is asked for, if it is used then.</param>
/// <param name="ready">What is answered, as the endpoints made it.</param>
/// <param name="lastUsed">The last use so far: the check that asked, or a later one that another answer served.</param>
internal sealed class EdgeAnswer(string ip, TimeSpan share, TimeSpan renewAfter, Moment asked, ReadyAnswers ready, DateTimeOffset lastUsed)
{
    // Ticks of UTC. Written by every check without a lock: of two at the same time either may win, they are as recent.
    private long _lastUsed = lastUsed.UtcTicks;

    private bool _isRenewed;

    public string Ip => ip;

    public ReadyAnswers Ready => ready;

    /// <summary>The last use of the session that this edge knows of.</summary>
    public DateTimeOffset LastUsed => new(Volatile.Read(ref _lastUsed), TimeSpan.Zero);

    /// <summary>
    /// Whether the share still holds. Read the clock after the answer: a <paramref name="now"/> from before the asking counts as infinitely late
    /// (<see cref="Moment.Age(Moment, TimeProvider)"/>), so an answer that was stored in between would look over.
    /// </summary>
    public bool Holds(Moment now, TimeProvider time) => asked.Holds(share, now, time);

    /// <summary>True for the first check that comes when it is time to ask for a longer share.</summary>
    public bool TakeRenewal(Moment now, TimeProvider time) =>
        !Volatile.Read(ref _isRenewed) && asked.Age(now, time) >= renewAfter && !Interlocked.Exchange(ref _isRenewed, true);

    /// <summary>Notes a check that is answered now.</summary>
    public void Use(Moment now) => Volatile.Write(ref _lastUsed, now.Wall.UtcTicks);
}

/// <summary>What endpoints answer checks of one session with, made once and given many times; null where the endpoint has not been asked yet.</summary>
/// <param name="TokenMac">The MAC of the session's token, by which it is known again without computing it.</param>
/// <param name="Current">The JSON for the session's owner.</param>
/// <param name="Headers">The headers for a reverse proxy.</param>
internal sealed record ReadyAnswers(UInt128 TokenMac, ReadyJson? Validate = null, ReadyJson? Current = null, IReadOnlyList<string>? Headers = null);

/// <summary>What a check found.</summary>
/// <param name="Result">What the session's grain said; null when it was not asked, for a live session.</param>
/// <param name="Ready">What endpoints answer; present exactly when the session is live.</param>
internal readonly record struct EdgeCheck(ValidateResult? Result, ReadyAnswers? Ready);
