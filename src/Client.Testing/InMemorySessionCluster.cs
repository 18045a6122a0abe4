using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Threading.Channels;

namespace SessionCluster.Testing;

/// <summary>
/// <see cref="ISessionClusterClient"/> in memory, with the results of a server: logins, checks, endings, data, known devices. Stages it
/// does not know behave as <c>default</c>. There are no GeoIP databases here: <see cref="BreakBinding"/> stands for leaving a network.
/// </summary>
/// <param name="time">The clock by which sessions expire; null for the system's.</param>
public sealed class InMemorySessionCluster(TimeProvider? time = null) : ISessionClusterClient
{
    private static readonly BrokenBinding Broken = new("network.asn", JsonElement.Parse("{}"), JsonElement.Parse("{}"));

    /// <summary>Longest that a timer can wait.</summary>
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(49);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Held> _sessions = [];
    private readonly HashSet<string> _inactive = [];
    private readonly Dictionary<string, HashSet<string>> _devices = [];
    private readonly ConcurrentDictionary<Channel<SessionEnding>, byte> _followers = new();
    private long _revision;

    /// <summary>While true every call fails as if the server were away.</summary>
    public bool IsUnavailable { get; set; }

    /// <summary>How long sessions last; eight hours unless set. Followers of endings hear of an expiry, too, where this is less than 49 days.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(8);

    /// <summary>Names of the stages that ask "Stay signed in?".</summary>
    public ISet<string> PromptingStages { get; } = new HashSet<string>();

    /// <summary>Names of the stages whose logins end all other sessions of the user.</summary>
    public ISet<string> TerminatingStages { get; } = new HashSet<string>();

    /// <summary>Most bytes of data with a session, as the server's Sessions:MaxData.</summary>
    public int MaxData { get; set; } = 32 * 1024;

    /// <summary>The next check of the session is refused as one from outside its binding, with <c>network.asn</c> as the broken one.</summary>
    /// <param name="session">The session.</param>
    public void BreakBinding(Guid session) => End(held => held.Session.Uuid == session, SessionStatus.BindingBroken);

    /// <summary>Ends all sessions of a user and refuses logins from then on.</summary>
    /// <param name="user">The user's key.</param>
    public Receipt Deactivate(string user)
    {
        lock (_lock)
        {
            _inactive.Add(user);
            return End(held => held.Session.User == user, SessionStatus.UserInactive);
        }
    }

    /// <inheritdoc/>
    public Task<LoginResult> LoginAsync(LoginRequest login, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(login);
        RequireAvailable();
        login = login with { Data = Read(login.Data) };
        lock (_lock)
        {
            if (!login.IsActive || _inactive.Contains(login.User.Pk))
            {
                return Task.FromResult(new LoginResult { Refusal = LoginRefusal.AccessDenied });
            }

            if (login.RememberMe is null && PromptingStages.Contains(login.Stage))
            {
                return Task.FromResult(new LoginResult { Refusal = LoginRefusal.ChallengeRequired });
            }

            return Task.FromResult(Begin(login));
        }
    }

    /// <inheritdoc/>
    public Task<SessionCheck> ValidateAsync(string token, ClientFacts client, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(token);
        ArgumentNullException.ThrowIfNull(client);
        RequireAvailable();
        lock (_lock)
        {
            if (!_sessions.TryGetValue(token, out var held))
            {
                return Task.FromResult(new SessionCheck { Status = SessionStatus.Malformed });
            }

            if (Status(held) is var status && status != SessionStatus.Active)
            {
                return Task.FromResult(new SessionCheck { Status = status, Binding = status == SessionStatus.BindingBroken ? Broken : null });
            }

            held.Session = held.Session with { LastIp = client.Ip, LastUserAgent = client.UserAgent ?? "", LastUsed = _time.GetUtcNow() };
            return Task.FromResult(new SessionCheck { Status = SessionStatus.Active, Session = held.Session, User = held.User, Data = held.Data });
        }
    }

    /// <inheritdoc/>
    public Task<bool> SetDataAsync(string token, string? data, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(token);
        RequireAvailable();
        data = Read(data);
        lock (_lock)
        {
            if (!_sessions.TryGetValue(token, out var held) || Status(held) != SessionStatus.Active)
            {
                return Task.FromResult(false);
            }

            held.Data = data;
            return Task.FromResult(true);
        }
    }

    /// <inheritdoc/>
    public Task<Receipt> RevokeAsync(string token, ClientFacts? client = null, string? reason = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(token);
        RequireAvailable();
        return Task.FromResult(End(held => held.Token == token, SessionStatus.Revoked) with { ClearCookie = "sessioncluster_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax" });
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Session>> ListSessionsAsync(string user, CancellationToken cancellationToken = default)
    {
        RequireAvailable();
        lock (_lock)
        {
            IReadOnlyList<Session> live = [.. _sessions.Values.Where(held => held.Session.User == user && Status(held) == SessionStatus.Active).Select(held => held.Session)];
            return Task.FromResult(live);
        }
    }

    /// <inheritdoc/>
    public Task<bool> EndSessionAsync(string user, Guid session, CancellationToken cancellationToken = default)
    {
        RequireAvailable();
        return Task.FromResult(End(held => held.Session.User == user && held.Session.Uuid == session, SessionStatus.Revoked).Ended.Count > 0);
    }

    /// <inheritdoc/>
    public Task<Receipt> EndSessionsAsync(string user, Guid? except = null, string? reason = null, CancellationToken cancellationToken = default)
    {
        RequireAvailable();
        return Task.FromResult(End(held => held.Session.User == user && held.Session.Uuid != except, SessionStatus.Revoked));
    }

    /// <inheritdoc/>
    public Task<IAsyncEnumerable<SessionEnding>> FollowEndingsAsync(CancellationToken cancellationToken = default)
    {
        RequireAvailable();
        var endings = Channel.CreateUnbounded<SessionEnding>();
        _followers[endings] = 0;
        return Task.FromResult(Follow(endings, cancellationToken));
    }

    /// <inheritdoc/>
    public Task<bool> IsReadyAsync(CancellationToken cancellationToken = default) => Task.FromResult(!IsUnavailable);

    private async IAsyncEnumerable<SessionEnding> Follow(Channel<SessionEnding> endings, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var ending in endings.Reader.ReadAllAsync(cancellationToken))
            {
                yield return ending;
            }
        }
        finally
        {
            _followers.TryRemove(endings, out _);
        }
    }

    private LoginResult Begin(LoginRequest login)
    {
        var user = login.User.Pk;
        var isNear = _sessions.Values.Any(held => held.Session.User == user && held.Session.LastIp == login.Client.Ip && Status(held) == SessionStatus.Active);
        End(held => held.Token == login.PreviousToken && held.Session.User != user, SessionStatus.Revoked);
        var receipt = End(held => held.Session.User == user && (held.Token == login.PreviousToken || TerminatingStages.Contains(login.Stage)), SessionStatus.Revoked);
        var (token, now) = (RandomNumberGenerator.GetHexString(64, lowercase: true), _time.GetUtcNow());
        var device = login.DeviceCookie ?? RandomNumberGenerator.GetHexString(32, lowercase: true);
        var users = _devices.TryGetValue(device, out var seen) ? seen : _devices[device] = [];
        var session = new Session
        {
            Uuid = Guid.CreateVersion7(now),
            User = user,
            Created = now,
            Expires = now + Lifetime,
            LastUsed = now,
            LastIp = login.Client.Ip,
            LastUserAgent = login.Client.UserAgent ?? "",
            AuthMethod = login.AuthMethod,
            KnownDevice = isNear || users.Contains(user),
            NetworkBinding = "no_binding",
            GeoIpBinding = "no_binding",
        };
        users.Add(user);
        var begun = _sessions[token] = new Held(token, session, login.User) { Data = login.Data };
        if (Lifetime > TimeSpan.Zero && Lifetime < LongestTimer)
        {
            begun.Expiry = _time.CreateTimer(_ => Tell(begun.Ended is null ? [session.Uuid] : [], SessionStatus.Expired), null, Lifetime, Timeout.InfiniteTimeSpan);
        }

        return new LoginResult
        {
            Session = session,
            Token = token,
            Cookies = [Cookie("sessioncluster_session", token), Cookie("sessioncluster_device", device)],
            KnownDevice = session.KnownDevice,
            Receipt = receipt.Ended.Count > 0 ? receipt : null,
        };
    }

    private static SessionCookie Cookie(string name, string value) => new(name, value, $"{name}={value}; Path=/; HttpOnly; SameSite=Lax");

    private Receipt End(Func<Held, bool> chosen, SessionStatus reason)
    {
        List<Guid> ended = [];
        lock (_lock)
        {
            foreach (var held in _sessions.Values.Where(held => chosen(held) && Status(held) == SessionStatus.Active))
            {
                held.Ended = reason;
                ended.Add(held.Session.Uuid);
            }

            _revision += ended.Count > 0 ? 1 : 0;
        }

        Tell(ended, reason);
        var now = _time.GetUtcNow();
        return new Receipt(_revision, now, ended, now);
    }

    private void Tell(List<Guid> ended, SessionStatus reason)
    {
        foreach (var (follower, _) in _followers)
        {
            ended.ForEach(session => follower.Writer.TryWrite(new SessionEnding(session, JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.ToString()))));
        }
    }

    private SessionStatus Status(Held held) => held.Ended ?? (_time.GetUtcNow() >= held.Session.Expires ? SessionStatus.Expired : SessionStatus.Active);

    private void RequireAvailable()
    {
        if (IsUnavailable)
        {
            throw new SessionClusterUnavailableException("The server is away: IsUnavailable is true.");
        }
    }

    /// <summary>The data that is kept: JSON that is not too long, of which null is none.</summary>
    private string? Read(string? data)
    {
        if (data is not null && System.Text.Encoding.UTF8.GetByteCount(data) > MaxData)
        {
            throw new SessionClusterRequestException($"The server refused the call: data: Must not be longer than {MaxData} bytes of JSON.", 400, "invalid-request")
            {
                Errors = new Dictionary<string, IReadOnlyList<string>> { ["data"] = [$"Must not be longer than {MaxData} bytes of JSON."] },
            };
        }

        return data is null || JsonElement.Parse(data).ValueKind == JsonValueKind.Null ? null : data;
    }

    private sealed class Held(string token, Session session, SessionUser user)
    {
        public string Token => token;

        public Session Session { get; set; } = session;

        public SessionUser User => user;

        public string? Data { get; set; }

        public SessionStatus? Ended { get; set; }

        /// <summary>Tells the followers when it expires; a timer that nobody holds may never tick.</summary>
        public ITimer? Expiry { get; set; }
    }
}
