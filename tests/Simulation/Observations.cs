using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Simulation;

/// <summary>What callers were answered and when, and the first promise that an answer broke.</summary>
internal sealed class Observations
{
    private readonly Dictionary<SessionId, long> _ended = [];
    private readonly Dictionary<SessionId, DateTimeOffset> _expires = [];
    private readonly List<(UserId User, SessionId Session, long Step)> _loggedIn = [];

    public List<string> Trace { get; } = [];

    public string? Violation { get; private set; }

    /// <summary>Answered logins: key, user, session, revision, and whether all others had to end.</summary>
    public List<(string Key, UserId User, SessionId Session, long Revision, bool Terminates)> Logins { get; } = [];

    /// <summary>Sessions whose ending was answered.</summary>
    public IEnumerable<SessionId> AnsweredEndings => _ended.Keys;

    public void Note(SimLoop loop, string what) => Trace.Add($"{loop.Step,8} {loop.Now.TotalSeconds:F3} {what}");

    public void LoggedIn(SimLoop loop, string key, UserId user, LoginResult login, Receipt receipt, bool terminates)
    {
        Logins.Add((key, user, login.Session!.Id, receipt.Revision, terminates));
        _expires[login.Session.Id] = login.Session.Expires;
        _loggedIn.Add((user, login.Session.Id, loop.Tick()));
        Note(loop, $"{key} logged in {user} as {login.Session.Id} at revision {receipt.Revision}");
        Ended(loop, key, receipt);
    }

    /// <summary>
    /// An ending of certain sessions of a user was answered. Whatever its receipt says, those whose login was answered before it
    /// was asked for must be gone: another call may have ended them a moment earlier.
    /// </summary>
    public void EndedChosen(SimLoop loop, string key, UserId user, long asked, Func<SessionId, bool> chosen)
    {
        foreach (var session in _loggedIn.Where(l => l.User == user && l.Step < asked && chosen(l.Session)).Select(l => l.Session))
        {
            if (_ended.TryAdd(session, loop.Tick()))
            {
                Note(loop, $"{key} was answered, so {session} is gone");
            }
        }
    }

    public void Ended(SimLoop loop, string key, Receipt receipt)
    {
        foreach (var session in receipt.Ended)
        {
            _ended.TryAdd(session, loop.Tick());
            Note(loop, $"{key} was answered that {session} has ended");
        }
    }

    public void Validated(SimLoop loop, long started, DateTimeOffset startedAt, SessionId session, ValidateResult result)
    {
        Note(loop, $"validate {session} (began at {started}): {result.Status}");
        if (result.Status == SessionStatus.BindingBroken)
        {
            _ended.TryAdd(session, loop.Tick());
        }

        if (result.IsActive && _ended.TryGetValue(session, out var ended) && ended < started)
        {
            Violate(loop, $"{session} was accepted by a check begun at {started}; its ending was answered at {ended}");
        }

        if (result.IsActive && _expires.TryGetValue(session, out var expires) && startedAt >= expires)
        {
            Violate(loop, $"{session} was accepted after its expiry");
        }
    }

    public void Violate(SimLoop loop, string what)
    {
        Note(loop, what);
        Violation ??= what;
    }
}
