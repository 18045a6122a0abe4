using SessionCluster.Events;
using SessionCluster.Geo;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Storage.Tests;

/// <summary>The rows that the tests write, on either database.</summary>
internal sealed partial class OpenStorage
{
    /// <summary>The present moment of all tests.</summary>
    public static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    public static GrainId UserKey(string user) => new("user", new UserId(user).GrainKey);

    public static GrainId SessionKey(Guid id) => new("session", new SessionId(id).GrainKey);

    /// <summary>A session id whose text and blob order as the number does.</summary>
    public static Guid Id(int number) => new($"00000000-0000-4000-8000-{number:D12}");

    public static SessionV1 Session(int number, string user, Func<SessionV1, SessionV1>? change = null)
    {
        var session = new SessionV1(user, $"name-{user}", $"{user}@example.com", "")
        {
            Id = Id(number),
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

    public static EventV1 Event(int number, string user, Func<EventV1, EventV1>? change = null)
    {
        var entry = new EventV1
        {
            Pk = Id(number),
            Action = EventActions.Login,
            UserPk = user,
            Username = $"name-{user}",
            Email = $"{user}@example.com",
            Name = "Full Name",
            ClientIp = "192.0.2.1",
            Session = Id(number),
            Created = Now,
            Context = """{"auth_method":"password"}""",
        };
        return change is null ? entry : change(entry);
    }

    /// <summary>A change of a ledger that bears a session and appends an event.</summary>
    public static Func<LedgerV1, LedgerV1> Bearing(int number, string user) =>
        ledger => ledger with { Born = [Session(number, user)], Journal = [Event(number, user)] };

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

    /// <summary>A first write of a ledger, queued before this returns.</summary>
    public Task WriteFirst(string user, Func<LedgerV1, LedgerV1> change) =>
        Storage.WriteStateAsync(LedgerV1.StateName, UserKey(user), new GrainState<LedgerV1>(change(new LedgerV1())));

    /// <summary>Reads a user's ledger and writes it back with a change.</summary>
    public async Task<GrainState<LedgerV1>> Change(string user, Func<LedgerV1, LedgerV1> change)
    {
        var row = await ReadLedger(user);
        row.State = change(row.State with { Revision = row.State.Revision + 1 });
        await Storage.WriteStateAsync(LedgerV1.StateName, UserKey(user), row);
        return row;
    }

    public Task Bear(string user, params SessionV1[] sessions) => Change(user, ledger => ledger with { Born = [.. sessions] });

    public async Task<GrainState<LedgerV1>> ReadLedger(string user)
    {
        var row = new GrainState<LedgerV1>(new LedgerV1());
        await Storage.ReadStateAsync(LedgerV1.StateName, UserKey(user), row);
        return row;
    }

    public async Task<GrainState<SessionV1>> ReadSession(int number)
    {
        var row = new GrainState<SessionV1>(new SessionV1());
        await Storage.ReadStateAsync(SessionV1.StateName, SessionKey(Id(number)), row);
        return row;
    }
}

/// <summary>A state as the engine holds it.</summary>
internal sealed class GrainState<T>(T state) : IGrainState<T>
{
    public T State { get; set; } = state;

    public string? ETag { get; set; }

    public bool RecordExists { get; set; }
}
