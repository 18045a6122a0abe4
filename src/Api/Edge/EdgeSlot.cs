namespace SessionCluster.Api.Edge;

/// <summary>One session at the edge. Its lock is taken to ask, to keep and to drop, never to answer.</summary>
internal sealed class EdgeSlot
{
    private EdgeAnswer? _answer;

    public EdgeAnswer? Answer
    {
        get => Volatile.Read(ref _answer);
        set => Volatile.Write(ref _answer, value);
    }

    /// <summary>The last use under shares that are all over; null while one may still be used, or is on its way, and when nothing is known.</summary>
    public DateTimeOffset? FinalUse(Moment now, TimeProvider time) => Asking == 0 && Answer is { } answer && !answer.Holds(now, time) ? answer.LastUsed : null;

    /// <summary>True once it is out of the table.</summary>
    public bool IsGone { get; set; }

    /// <summary>How many questions are on their way.</summary>
    public int Asking { get; set; }

    /// <summary>How often its share was taken back: the answer to a question that was sent before the last time is not kept.</summary>
    public int TakenBack { get; set; }
}

/// <param name="TakenBack">How often the share had been taken back by then.</param>
internal readonly record struct PendingQuestion(Moment Asked, DateTimeOffset? LastUsed, int TakenBack);
