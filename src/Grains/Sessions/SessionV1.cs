using System.Text.Json.Serialization;
using SessionCluster.Bindings;
using SessionCluster.Geo;
using SessionCluster.Users;

namespace SessionCluster.Sessions;

/// <summary>
/// A session's stored row. Inserted by its user's ledger write (<see cref="LedgerV1.Created"/>), deleted by one
/// (<see cref="LedgerV1.Ended"/>), updated by its session grain, which never inserts.
/// </summary>
public sealed record SessionV1
{
    // Ticks of UTC and bytes: half of what the moments and bindings themselves take, and there are many of these.
    private readonly long _created;
    private readonly long _expires;
    private readonly long _lastUsed;
    private readonly byte _networkBinding;
    private readonly byte _geoIpBinding;

    /// <summary>The state name that session grains store under.</summary>
    public const string StateName = "session";

    public SessionV1()
    {
    }

    [JsonConstructor]
    public SessionV1(string userPk, string username, string email, string name) => User = new PackedFacts(userPk, username, email, name);

    public int Schema { get; init; } = 1;

    public Guid Id { get; init; }

    public string UserPk { get => User.UserPk; init => User = new PackedFacts(value, Username, Email, Name); }

    public string Username { get => User.Username; init => User = new PackedFacts(UserPk, value, Email, Name); }

    public string Email { get => User.Email; init => User = new PackedFacts(UserPk, Username, value, Name); }

    public string Name { get => User.Name; init => User = new PackedFacts(UserPk, Username, Email, value); }

    /// <summary>The four before, as they are held: made of the row's own, and not stored.</summary>
    [JsonIgnore]
    public PackedFacts User { get; private init; }

    public DateTimeOffset Created { get => new(_created, TimeSpan.Zero); init => _created = value.UtcTicks; }

    public DateTimeOffset Expires { get => new(_expires, TimeSpan.Zero); init => _expires = value.UtcTicks; }

    public bool EndsWithBrowser { get; init; }

    /// <summary>Microseconds without use after which the session is idle; 0 when it never is.</summary>
    public long IdleMicros { get; init; }

    public string AuthMethod { get; init => field = SharedTexts.Common.Of(value); } = "";

    public bool KnownDevice { get; init; }

    public NetworkBinding NetworkBinding { get => (NetworkBinding)_networkBinding; init => _networkBinding = (byte)value; }

    public GeoIpBinding GeoIpBinding { get => (GeoIpBinding)_geoIpBinding; init => _geoIpBinding = (byte)value; }

    public string LastIp { get; init => field = SharedTexts.OfUsers.Of(value); } = "";

    public string LastUserAgent { get; init => field = SharedTexts.Common.Of(value); } = "";

    public DateTimeOffset LastUsed { get => new(_lastUsed, TimeSpan.Zero); init => _lastUsed = value.UtcTicks; }

    public AsnInfo? Asn { get; init => field = SharedPlaces.Of(value); }

    public GeoInfo? Geo { get; init => field = SharedPlaces.Of(value); }

    /// <summary>The front end's data: JSON text inside a JSON string, so that no database reorders it.</summary>
    public string? Data { get; init; }

    public SessionInfo ToInfo() => ToInfo(LastUsed);

    /// <summary>The session as callers see it, used last at another moment than the one stored.</summary>
    public SessionInfo ToInfo(DateTimeOffset lastUsed) => new(
        new SessionId(Id), User.Unpack(), Created, Expires, EndsWithBrowser, AuthMethod, KnownDevice, NetworkBinding, GeoIpBinding,
        LastIp, LastUserAgent, lastUsed, Asn, Geo, Data);
}
