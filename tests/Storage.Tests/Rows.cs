using System.Globalization;
using SessionCluster.Events;
using SessionCluster.Geo;
using SessionCluster.LoginStage;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Storage.Tests;

/// <summary>The rows that the tests write.</summary>
internal static class Rows
{
    /// <summary>The present moment of the rows.</summary>
    public static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    public static GrainId UserKey(string user) => GrainId.Create("user", new UserId(user).GrainKey);

    public static GrainId SessionKey(Guid id) => GrainId.Create("session", new SessionId(id).GrainKey);

    /// <summary>A session id whose text and blob order as the number does.</summary>
    public static Guid Id(int number) => new($"00000000-0000-4000-8000-{number:D12}");

    /// <summary>The number of an id.</summary>
    public static int Number(Guid id) => int.Parse(id.ToString()[24..], CultureInfo.InvariantCulture);

    /// <summary>The numbers of ids, with a blank between two.</summary>
    public static string Numbers(IEnumerable<Guid> ids) => string.Join(' ', ids.Select(Number));

    public static SessionV1 Session(int number, string user, Func<SessionV1, SessionV1>? change = null)
    {
        var session = new SessionV1
        {
            Id = Id(number),
            UserPk = user,
            Username = $"name-{user}",
            Email = $"{user}@example.com",
            Created = Now,
            Expires = Now.AddDays(1),
            AuthMethod = "password",
            LastIp = "192.0.2.1",
            LastUserAgent = "agent",
            LastUsed = Now,
        };
        return change is null ? session : change(session);
    }

    public static SessionV1 At(SessionV1 session, long? asn, string? country) => session with
    {
        Asn = asn is { } number ? new AsnInfo(number, "Org", "192.0.2.0/24") : null,
        Geo = country is null ? null : new GeoInfo(1.5, 2.5, "City", country, "EU"),
    };

    public static EndedV1 Ended(int number, long revision, EndReason reason = EndReason.LoggedOut) =>
        new() { Id = Id(number), Reason = reason, Revision = revision, EndedAt = Now };

    public static EventInfo Event(int number, string user, Func<EventInfo, EventInfo>? change = null)
    {
        var facts = new UserFacts(new UserId(user), $"name-{user}", $"{user}@example.com", "Full Name");
        var entry = new EventInfo(Id(number), EventActions.Login, facts, "192.0.2.1", new SessionId(Id(number)), Now, """{"auth_method":"password"}""");
        return change is null ? entry : change(entry);
    }

    public static PlanV1 PlanOf(string slug) => new()
    {
        Plan = new PlanInfo(slug, HasPendingUser: false, "/", Login: null),
    };

    /// <summary>A change of a ledger that creates a session and appends an event.</summary>
    public static Func<LedgerV1, LedgerV1> Login(int number, string user) =>
        ledger => ledger with { Created = [Session(number, user)], Events = [Event(number, user)] };

    /// <summary>Whether a write was made, and did not meet another version.</summary>
    public static async Task<bool> Succeeds(Task write)
    {
        try
        {
            await write;
            return true;
        }
        catch (InconsistentStateException)
        {
            return false;
        }
    }
}
