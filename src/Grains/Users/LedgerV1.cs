using System.Text.Json.Serialization;

namespace SessionCluster.Users;

/// <summary>
/// A user's ledger row, and with it one change: the write of this state is the commit point of everything that happens to
/// the user's sessions. It is conditional on the row's version, and in one transaction stores the row without the last four
/// members, inserts <see cref="Created"/>, deletes <see cref="Ended"/> (keeping them among the ended for 24 hours) and appends
/// <see cref="Events"/>. All of it or none.
/// </summary>
public sealed record LedgerV1
{
    /// <summary>The state name that user grains store under.</summary>
    public const string StateName = "ledger";

    public int Schema { get; init => field = StateJson.KnownSchema(value); } = 1;

    /// <summary>Number of committed changes.</summary>
    public long Revision { get; init; }

    /// <summary>True while the user is deactivated. (The negative, so that the default needs no byte.)</summary>
    public bool Inactive { get; init; }

    public ImmutableArray<DeviceInfo> Devices { get; init; } = [];

    public ImmutableArray<AnsweredV1> Answered { get; init; } = [];

    /// <summary>Session rows to insert; empty at rest.</summary>
    [JsonIgnore]
    public ImmutableArray<SessionV1> Created { get; init; } = [];

    /// <summary>Session rows to delete; empty at rest.</summary>
    [JsonIgnore]
    public ImmutableArray<EndedV1> Ended { get; init; } = [];

    /// <summary>Events to append; empty at rest.</summary>
    [JsonIgnore]
    public ImmutableArray<EventInfo> Events { get; init; } = [];

    /// <summary>
    /// The session rows as one read found them together with the ledger; null at rest, and after a read that found the version that
    /// its reader knew already.
    /// </summary>
    [JsonIgnore]
    public StoredSessions? Stored { get; init; }

    /// <summary>The ledger without a change to write and without what a read brought along.</summary>
    public LedgerV1 AtRest() => this with { Created = [], Ended = [], Events = [], Stored = null };
}

/// <summary>The session rows of a user, read in the same moment as the ledger.</summary>
/// <param name="Live">All that no ledger write has ended, also those past their end; the oldest first.</param>
/// <param name="EndedLately">Those that ended less than <see cref="LookedBack"/> before the read.</param>
public sealed record StoredSessions(ImmutableArray<SessionV1> Live, ImmutableArray<EndedV1> EndedLately)
{
    /// <summary>
    /// How far back a read looks for endings that nobody may have told, by the moment at which they were decided: until a write is told to have
    /// failed (25 seconds at most), until it takes effect all the same (30), until a lease is over that was granted by older knowledge (F and
    /// L, 20 at most), and what clocks may differ by (30), together.
    /// </summary>
    public static readonly TimeSpan LookedBack = TimeSpan.FromMinutes(2);
}

/// <summary>
/// The answer to a request that carried an Idempotency-Key, as far as it cannot be made again from the repeated request.
/// The sessions it ended are found among the ended by its revision.
/// </summary>
public sealed record AnsweredV1
{
    public string Key { get; init; } = "";

    public string Body { get; init; } = "";

    public DateTimeOffset At { get; init; }

    /// <summary>Whether the key counts once: newer answers never push it out.</summary>
    public bool Once { get; init; }

    public long Revision { get; init; }

    /// <summary>The session that a login made; null for an ending.</summary>
    public SessionV1? Session { get; init; }

    public Guid? DeviceId { get; init; }

    public DateTimeOffset? DeviceCookieExpires { get; init; }

    /// <summary>The answer of the login again; the front end's data is that of the repeated request.</summary>
    public LoginResult ToLoginResult(string? dataJson, Ending ending)
    {
        var session = Session ?? throw new InvalidOperationException("The answer is not that of a login.");
        var cookie = DeviceId is { } device && DeviceCookieExpires is { } expires
            ? new DeviceCookieClaim(new DeviceId(device), expires)
            : null;
        return new LoginResult(LoginOutcome.LoggedIn, (session with { Data = dataJson }).ToInfo(), cookie, ending);
    }
}
