using System.Text.Json.Serialization;

namespace SessionCluster.Client;

/// <summary>Where a login or a use of a session comes from.</summary>
/// <param name="Ip">The address of the browser. Required: bindings are checked against it.</param>
public sealed record ClientFacts(string Ip)
{
    /// <summary>The User-Agent header; at most 2 KiB.</summary>
    public string? UserAgent { get; init; }

    /// <summary>The method of the request.</summary>
    public string? Method { get; init; }

    /// <summary>The path of the request, without its query.</summary>
    public string? Path { get; init; }

    /// <summary>The query of the request, without what may be secret; null when there is none.</summary>
    public IReadOnlyDictionary<string, string>? Args { get; init; }
}

/// <summary>A user, as the front end knows it.</summary>
/// <param name="Pk">The user's key; 1 to 255 characters.</param>
/// <param name="Username">The name to log in with.</param>
public sealed record SessionUser(string Pk, string Username = "")
{
    /// <summary>The mail address.</summary>
    public string Email { get; init; } = "";

    /// <summary>The name to show.</summary>
    public string Name { get; init; } = "";
}

/// <summary>A login.</summary>
/// <param name="User">Who logs in.</param>
/// <param name="Client">Where from.</param>
public sealed record LoginRequest(SessionUser User, ClientFacts Client)
{
    /// <summary>Name or key of the User Login stage.</summary>
    public string Stage { get; init; } = "default";

    /// <summary>False for a user who may not log in.</summary>
    public bool IsActive { get; init; } = true;

    /// <summary>The answer to "Stay signed in?"; null when nobody was asked, which a stage that asks refuses.</summary>
    public bool? RememberMe { get; init; }

    /// <summary>How the user proved who they are.</summary>
    public string AuthMethod { get; init; } = "password";

    /// <summary>The device cookie that the browser sent, if it did.</summary>
    public string? DeviceCookie { get; init; }

    /// <summary>The token of the session that the browser had before, if it did; that session is ended.</summary>
    public string? PreviousToken { get; init; }

    /// <summary>JSON to keep with the session, up to the server's Sessions:MaxData; null for none.</summary>
    public string? Data { get; init; }
}

/// <summary>Why a login was refused.</summary>
public enum LoginRefusal
{
    /// <summary>It was not.</summary>
    None = 0,

    /// <summary>The user is not active.</summary>
    AccessDenied = 1,

    /// <summary>The stage asks "Stay signed in?": <see cref="LoginRequest.RememberMe"/> must be set.</summary>
    ChallengeRequired = 2,

    /// <summary>The user has the most sessions allowed, and the server is set to refuse more.</summary>
    SessionLimit = 3,

    /// <summary>The sign-in was to go on with a session that has ended meanwhile. The ASP.NET Core integration says so, the server does not.</summary>
    SessionEnded = 4,
}

/// <summary>How a login went.</summary>
public sealed record LoginResult
{
    /// <summary>Why it was refused; <see cref="LoginRefusal.None"/> when it was not.</summary>
    [JsonIgnore]
    public LoginRefusal Refusal { get; init; }

    /// <summary>The new session; null when refused.</summary>
    public Session? Session { get; init; }

    /// <summary>The token of the new session: whoever has it, has the session. Null when refused.</summary>
    public string? Token { get; init; }

    /// <summary>Cookies for the browser: the session's and, where the stage remembers devices, the device's.</summary>
    public IReadOnlyList<SessionCookie> Cookies { get; init; } = [];

    /// <summary>Whether the browser is known.</summary>
    public bool KnownDevice { get; init; }

    /// <summary>The receipt of the sessions that this login ended; null when it ended none.</summary>
    public Receipt? Receipt { get; init; }
}

/// <summary>A cookie to be set.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
/// <param name="SetCookie">The ready value of a Set-Cookie header.</param>
public sealed record SessionCookie(string Name, string Value, string SetCookie);

/// <summary>Proof of an ending: from <paramref name="EffectiveEverywhereAt"/> on no node accepts one of the sessions.</summary>
/// <param name="Revision">Number of the change among those of the user.</param>
/// <param name="CommittedAt">When it was committed.</param>
/// <param name="Ended">The sessions that it ended.</param>
/// <param name="EffectiveEverywhereAt">From when on it holds everywhere; not after the answer.</param>
public sealed record Receipt(long Revision, DateTimeOffset CommittedAt, IReadOnlyList<Guid> Ended, DateTimeOffset EffectiveEverywhereAt)
{
    /// <summary>The ready value of a Set-Cookie header that removes the session's cookie; null unless the session was ended by its token.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ClearCookie { get; init; }
}

/// <summary>A session.</summary>
public sealed record Session
{
    /// <summary>Its public id; never a secret.</summary>
    public required Guid Uuid { get; init; }

    /// <summary>The user's key.</summary>
    public required string User { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it ends at the latest.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>When it was last used; up to a minute behind.</summary>
    public DateTimeOffset LastUsed { get; init; }

    /// <summary>The last address.</summary>
    public string LastIp { get; init; } = "";

    /// <summary>The last User-Agent header.</summary>
    public string LastUserAgent { get; init; } = "";

    /// <summary>How the user proved who they are.</summary>
    public string AuthMethod { get; init; } = "";

    /// <summary>Whether it began on a known device.</summary>
    public bool KnownDevice { get; init; }

    /// <summary>The mode of the network binding.</summary>
    public string NetworkBinding { get; init; } = "";

    /// <summary>The mode of the GeoIP binding.</summary>
    public string GeoIpBinding { get; init; } = "";
}

/// <summary>The state of a session.</summary>
public enum SessionStatus
{
    /// <summary>Never seen, or ended more than 24 hours ago.</summary>
    Unknown = 0,

    /// <summary>Live.</summary>
    Active = 1,

    /// <summary>The token is none.</summary>
    Malformed = 2,

    /// <summary>Past its end.</summary>
    Expired = 3,

    /// <summary>Not used for too long.</summary>
    Idle = 4,

    /// <summary>Ended by a logout, a revocation, the cap or another login.</summary>
    Revoked = 5,

    /// <summary>Its user was deactivated.</summary>
    UserInactive = 6,

    /// <summary>Used from outside its binding.</summary>
    BindingBroken = 7,
}

/// <summary>The answer of a check.</summary>
public sealed record SessionCheck
{
    /// <summary>Whether the session may be used.</summary>
    public bool IsActive => Status == SessionStatus.Active;

    /// <summary>Live, or why not.</summary>
    public required SessionStatus Status { get; init; }

    /// <summary>The session; null unless it is live.</summary>
    public Session? Session { get; init; }

    /// <summary>Its user; null unless it is live.</summary>
    public SessionUser? User { get; init; }

    /// <summary>The JSON that the front end keeps with it; null when there is none.</summary>
    public string? Data { get; init; }

    /// <summary>The broken binding; null unless that is the reason.</summary>
    public BrokenBinding? Binding { get; init; }
}

/// <summary>A binding that a use broke.</summary>
/// <param name="Reason">Which one, such as <c>network.asn</c>.</param>
/// <param name="PreviousValue">What the session was bound to.</param>
/// <param name="NewValue">Where the use came from.</param>
public sealed record BrokenBinding(string Reason, JsonElement PreviousValue, JsonElement NewValue);

/// <summary>A session has ended.</summary>
/// <param name="Session">The session.</param>
/// <param name="Reason">Why, in the name that a check has for it, such as <c>revoked</c> or <c>binding_broken</c>. Words that an operator gave stay in the event.</param>
public sealed record SessionEnding(Guid Session, string Reason);
