namespace SessionCluster.Correctness.Tests.History;

/// <summary>What can be wrong with a history.</summary>
internal enum Fault
{
    /// <summary>A check that began after the answer of an ending of the session was answered "active".</summary>
    AcceptedAfterEnding,

    /// <summary>An answered login is refused though nothing can have ended it.</summary>
    LostSession,

    /// <summary>An ended session is refused for another reason than its ending.</summary>
    ForgottenReason,

    /// <summary>Data shown that was replaced before, or that nobody had stored by then.</summary>
    WrongData,

    /// <summary>Attempts with one key made two sessions, or two receipts; or two keys made the same session.</summary>
    UnequalReplay,

    /// <summary>Two receipts name the same session.</summary>
    EndedTwice,

    /// <summary>Of two endings of a user, the later one has no higher revision.</summary>
    RevisionOrder,

    /// <summary>A login after the answer of a deactivation.</summary>
    LoginWhileInactive,

    /// <summary>A login without an answer left more than one session, or a session nobody asked for exists.</summary>
    UnaskedSession,

    /// <summary>A session that existed has not exactly one login event.</summary>
    LoginEvents,

    /// <summary>A live session has a logout event, or an ended one has not exactly one.</summary>
    LogoutEvents,

    /// <summary>The log shows one event twice.</summary>
    EventTwice,

    /// <summary>The list shows an ended session, or not a live one.</summary>
    WrongList,

    /// <summary>A status that the request does not allow for.</summary>
    UnexpectedStatus,
}

/// <summary>One thing that is wrong.</summary>
internal sealed record Finding(Fault Fault, string Text)
{
    public override string ToString() => $"{Fault}: {Text}";
}
