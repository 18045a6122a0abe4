namespace SessionCluster.Correctness.Tests.History;

/// <summary>What a caller can ask for.</summary>
internal enum Act
{
    Login,
    TerminatingLogin,
    Validate,
    PutData,
    RevokeToken,
    Delete,
    Logout,
    RevokeUser,
    BulkDelete,
    Deactivate,
    Activate,
}

/// <summary>One request as its caller saw it. Times are of one monotonic clock, the test's own, also across restarts of the server.</summary>
internal sealed record Operation(Act Act, string User, long Start)
{
    /// <summary>When the whole answer was there; null when none came: it may or may not have happened.</summary>
    public long? End { get; init; }

    /// <summary>The HTTP status; 0 without an answer.</summary>
    public int Status { get; init; }

    /// <summary>The session that was named; of an answered login the one that it made.</summary>
    public string? Session { get; init; }

    /// <summary>The Idempotency-Key. Attempts with the same one are one operation.</summary>
    public string? Key { get; init; }

    /// <summary>The receipt's sessions; null when the answer has none to give, empty when it ended none.</summary>
    public HashSet<string>? Ended { get; init; }

    /// <summary>The receipt's revision.</summary>
    public long? Revision { get; init; }

    /// <summary>A validate's answer.</summary>
    public bool Active { get; init; }

    public string? Reason { get; init; }

    /// <summary>The number that was stored as the session's data, or that a validate showed.</summary>
    public int? Data { get; init; }

    /// <summary>It was answered, and as something that was done.</summary>
    public bool IsDone => End is not null && Status is >= 200 and < 300;

    public bool IsLogin => Act is Act.Login or Act.TerminatingLogin;

    /// <summary>It ends what its user has (a login: but its own).</summary>
    public bool EndsAll => Act is Act.TerminatingLogin or Act.RevokeUser or Act.BulkDelete or Act.Deactivate;

    public bool EndsOne => Act is Act.RevokeToken or Act.Delete or Act.Logout;

    public override string ToString() =>
        $"{Act} of {User}{(Session is null ? "" : $" session {Session}")}{(Key is null ? "" : $" key {Key}")} [{Start}..{End?.ToString() ?? "no answer"}] "
        + $"{Status}{(Act == Act.Validate ? Active ? " active" : $" {Reason}" : "")}{(Data is null ? "" : $" data {Data}")}"
        + $"{(Ended is null ? "" : $" revision {Revision} ended {string.Join(',', Ended)}")}";
}

/// <summary>An event of the log.</summary>
internal sealed record LoggedEvent(string Pk, string Action, string User, string Session);

/// <summary>What the server shows once all is quiet.</summary>
/// <param name="Events">The whole log.</param>
/// <param name="Live">The sessions that are listed.</param>
internal sealed record Remains(IReadOnlyList<LoggedEvent> Events, IReadOnlyList<string> Live);
