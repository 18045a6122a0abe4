namespace SessionCluster.Api.Edge;

/// <summary>One session at the edge. Its lock is taken to ask, to keep and to drop, never to answer.</summary>
internal sealed class EdgeSlot
{
    private EdgeAnswer? _answer;

    // A list of those on their way: nearly always none or one.
    private PendingQuestion? _questions;

    public EdgeAnswer? Answer
    {
        get => Volatile.Read(ref _answer);
        set => Volatile.Write(ref _answer, value);
    }

    /// <summary>The last use under shares that are all over; null while one may still be used, or is on its way, and when nothing is known.</summary>
    public DateTimeOffset? FinalUse(Moment now, TimeProvider time) => !IsAsking && Answer is { } answer && !answer.Holds(now, time) ? answer.LastUsed : null;

    /// <summary>True once it is out of the table.</summary>
    public bool IsGone { get; set; }

    public bool IsAsking => _questions is not null;

    public void Add(PendingQuestion question) => (question.Next, _questions) = (_questions, question);

    public void Remove(PendingQuestion question)
    {
        if (_questions == question)
        {
            _questions = question.Next;
            return;
        }

        for (var before = _questions; before is not null; before = before.Next)
        {
            if (before.Next == question)
            {
                before.Next = question.Next;
            }
        }
    }

    public void FlagQuestions()
    {
        for (var question = _questions; question is not null; question = question.Next)
        {
            question.IsFlagged = true;
        }
    }
}

internal sealed class PendingQuestion(Moment asked, DateTimeOffset? lastUsed)
{
    public Moment Asked => asked;

    public DateTimeOffset? LastUsed => lastUsed;

    /// <summary>The next one of the same session.</summary>
    public PendingQuestion? Next { get; set; }

    /// <summary>True when the share was taken back meanwhile: the answer is not kept.</summary>
    public bool IsFlagged { get; set; }
}
