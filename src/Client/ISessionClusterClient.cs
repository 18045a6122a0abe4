namespace SessionCluster.Client;

/// <summary>
/// Calls a SessionCluster server as a service. Every call may throw <see cref="SessionClusterUnavailableException"/> when no answer was had
/// in time, and <see cref="SessionClusterRequestException"/> when the server refused the call itself. Calls that lost their connection are
/// tried once more: those that change something carry an Idempotency-Key, so that a repeat has no second effect.
/// </summary>
public interface ISessionClusterClient
{
    /// <summary>Logs in a user who has just proved who they are. Needs the role <c>login</c>.</summary>
    /// <param name="login">The login.</param>
    /// <param name="cancellationToken">Ends the wait; the login may have happened.</param>
    Task<LoginResult> LoginAsync(LoginRequest login, CancellationToken cancellationToken = default);

    /// <summary>Checks a session for one use. Needs the role <c>validate</c>. Every check asks the server; nothing is kept here.</summary>
    /// <param name="token">The token, as it came.</param>
    /// <param name="client">Where the use comes from.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<SessionCheck> ValidateAsync(string token, ClientFacts client, CancellationToken cancellationToken = default);

    /// <summary>
    /// Replaces the data of a session; of two that do so at once, the last one's stays. False when the session is not live any more. Needs the
    /// role <c>login</c>.
    /// </summary>
    /// <param name="token">The session's token.</param>
    /// <param name="data">JSON, up to the server's Sessions:MaxData (32 KiB unless set); null for none. Other text is a JsonException.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<bool> SetDataAsync(string token, string? data, CancellationToken cancellationToken = default);

    /// <summary>Ends the session of a token. The receipt is empty when it had ended. Needs the role <c>login</c> or <c>manage</c>.</summary>
    /// <param name="token">The token.</param>
    /// <param name="client">Who asked for it, for the event; null for this service.</param>
    /// <param name="reason">The caller's own words for the event, or null.</param>
    /// <param name="cancellationToken">Ends the wait; the ending may have happened.</param>
    Task<Receipt> RevokeAsync(string token, ClientFacts? client = null, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>The live sessions of a user. Needs the role <c>read</c>.</summary>
    /// <param name="user">The user's key.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<IReadOnlyList<Session>> ListSessionsAsync(string user, CancellationToken cancellationToken = default);

    /// <summary>Ends one session of a user. False when that user has no such live session. Needs the roles <c>read</c> and <c>manage</c>.</summary>
    /// <param name="user">The user's key.</param>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Ends the wait; the ending may have happened.</param>
    Task<bool> EndSessionAsync(string user, Guid session, CancellationToken cancellationToken = default);

    /// <summary>Ends all sessions of a user but one. Needs the role <c>manage</c>.</summary>
    /// <param name="user">The user's key.</param>
    /// <param name="except">The session to spare, or null.</param>
    /// <param name="reason">The caller's own words for the events, or null.</param>
    /// <param name="cancellationToken">Ends the wait; the ending may have happened.</param>
    Task<Receipt> EndSessionsAsync(string user, Guid? except = null, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Follows the endings of all sessions: returns once the server tells of all that end from then on. The enumeration goes on until it is
    /// cancelled, or throws <see cref="SessionClusterUnavailableException"/> when the connection is lost: what ends then is not told. Needs the
    /// role <c>read</c>.
    /// </summary>
    /// <param name="cancellationToken">Ends the following.</param>
    Task<IAsyncEnumerable<SessionEnding>> FollowEndingsAsync(CancellationToken cancellationToken = default);

    /// <summary>Whether the server says that it can serve (<c>/health/ready</c>); with Metrics:Urls, where it does not say so here, whether it answers.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<bool> IsReadyAsync(CancellationToken cancellationToken = default);
}
