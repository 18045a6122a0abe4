namespace SessionCluster.Sessions;

/// <summary>
/// A session's stored row. Inserted by its user's ledger write (<see cref="LedgerV1.Created"/>), deleted by one
/// (<see cref="LedgerV1.Ended"/>), updated by its session grain, which never inserts.
/// </summary>
public sealed record SessionV1
{
    /// <summary>The state name that session grains store under.</summary>
    public const string StateName = "session";

    public int Schema { get; init => field = StateJson.KnownSchema(value); } = 1;

    public Guid Id { get; init; }

    public string UserPk { get; init; } = "";

    public string Username { get; init; } = "";

    public string Email { get; init; } = "";

    public string Name { get; init; } = "";

    public DateTimeOffset Created { get; init; }

    public DateTimeOffset Expires { get; init; }

    public bool EndsWithBrowser { get; init; }

    /// <summary>Microseconds without use after which the session is idle; 0 when it never is.</summary>
    public long IdleMicros { get; init; }

    public string AuthMethod { get; init; } = "";

    public bool KnownDevice { get; init; }

    public NetworkBinding NetworkBinding { get; init; }

    public GeoIpBinding GeoIpBinding { get; init; }

    public string LastIp { get; init; } = "";

    public string LastUserAgent { get; init => field = SharedTexts.Of(value); } = "";

    public DateTimeOffset LastUsed { get; init; }

    public AsnInfo? Asn { get; init; }

    public GeoInfo? Geo { get; init; }

    /// <summary>The front end's data: JSON text inside a JSON string, so that no database reorders it.</summary>
    public string? Data { get; init; }

    /// <summary>The user as the session's login named it.</summary>
    public UserFacts ToUserFacts() => new(new UserId(UserPk), Username, Email, Name);

    /// <summary>The session as callers see it.</summary>
    public SessionInfo ToInfo() => new(
        new SessionId(Id), ToUserFacts(), Created, Expires, EndsWithBrowser, AuthMethod, KnownDevice, NetworkBinding, GeoIpBinding,
        LastIp, LastUserAgent, LastUsed, Asn, Geo, Data, TimeSpan.FromMicroseconds(IdleMicros));
}
