using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using SessionCluster.Geo;
using SessionCluster.Sessions;
using SessionCluster.Storage;
using SessionCluster.Users;

namespace SessionCluster.Bench.Grains;

/// <summary>
/// A storage without a database: every session and user that is asked for is there, made up from its number and read from JSON as
/// a database would give it. So what grains hold is all that is held.
/// </summary>
/// <param name="perUser">Sessions of one user.</param>
/// <param name="withPlace">Whether sessions carry a network and a place.</param>
/// <param name="idle">The idle timeout of sessions; zero for none.</param>
internal sealed class MadeUpRows(int perUser, bool withPlace, TimeSpan idle = default) : IGrainStorage, ISessionRows, IGeoLookup
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    /// <summary>How long before it is loaded a session was used last: it is not one in heavy use.</summary>
    private static readonly TimeSpan BeforeUse = TimeSpan.FromSeconds(5);

    private static readonly string[] UserAgents =
    [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Safari/605.1.15",
        "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    ];

    /// <summary>Told the key of every row or user that is read or written, before it is.</summary>
    public Action<string>? Asked { get; set; }

    /// <summary>The session of a number.</summary>
    public static SessionId Session(int number)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return new SessionId(new Guid(bytes, bigEndian: true));
    }

    /// <summary>The address that a session was last used from.</summary>
    public static string Ip(int number) => string.Create(CultureInfo.InvariantCulture, $"203.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}");

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Asked?.Invoke(grainId.Key);
        grainState.RecordExists = true;
        grainState.ETag = "1";
        grainState.State = grainState switch
        {
            IGrainState<SessionV1> => (T)(object)Row(NumberOf(SessionId.FromGrainKey(grainId.Key))),
            IGrainState<LedgerV1> => (T)(object)Ledger(int.Parse(UserId.FromGrainKey(grainId.Key).Value, CultureInfo.InvariantCulture)),
            _ => throw new NotSupportedException(stateName),
        };
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Asked?.Invoke(grainId.Key);
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => throw new NotSupportedException();

    public Task<ImmutableArray<SessionV1>> LoadByUser(UserId user)
    {
        Asked?.Invoke(user.Value);
        var first = int.Parse(user.Value, CultureInfo.InvariantCulture) * perUser;
        return Task.FromResult(Enumerable.Range(first, perUser).Select(Row).ToImmutableArray());
    }

    public Task<EndedSession?> FindEnded(SessionId id, DateTimeOffset since) => Task.FromResult<EndedSession?>(null);

    public Task<ImmutableArray<SessionId>> EndedByRevision(UserId user, long revision) => Task.FromResult<ImmutableArray<SessionId>>([]);

    public Task<ImmutableArray<SessionId>> EndedSince(UserId user, DateTimeOffset since) => Task.FromResult<ImmutableArray<SessionId>>([]);

    public Task<SessionPage> Search(SessionQuery query, DateTimeOffset now) => throw new NotSupportedException();

    public Task<SessionV1?> Find(SessionId id, DateTimeOffset now) => throw new NotSupportedException();

    public Task<ImmutableArray<DueSession>> Due(DateTimeOffset now, int limit) => throw new NotSupportedException();

    public Task<int> PruneEnded(DateTimeOffset before, int limit) => throw new NotSupportedException();

    AsnInfo? IGeoLookup.Asn(System.Net.IPAddress address) => null;

    Place? IGeoLookup.Place(System.Net.IPAddress address) => null;

    private static int NumberOf(SessionId id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.Value.TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadInt32BigEndian(bytes);
    }

    private static LedgerV1 Ledger(int user) => Read(
        new LedgerV1
        {
            Revision = 1,
            Devices = [new DeviceV1 { Id = Guid.NewGuid(), Created = Now, LastLogin = Now, Expires = Now.AddDays(30), LastIp = Ip(user), UserAgent = UserAgents[user % 3] }],
        },
        StateJson.Default.LedgerV1);

    private SessionV1 Row(int number)
    {
        var user = number / perUser;
        var session = new SessionV1($"{user}", $"jane.roe.{user}", $"jane.roe.{user}@example.org", "Jane Roe")
        {
            Id = Session(number).Value,
            Created = Now,
            Expires = Now.AddDays(1),
            IdleMicros = (long)idle.TotalMicroseconds,
            AuthMethod = "password",
            LastIp = Ip(number),
            LastUserAgent = UserAgents[number % 3],
            LastUsed = TimeProvider.System.GetUtcNow() - BeforeUse,
            Asn = withPlace ? new AsnInfo(64496 + (number % 500), $"Network {number % 500}", $"203.{number % 250}.0.0/16") : null,
            Geo = withPlace ? new GeoInfo(50.1, 14.4, $"City {number % 500}", "CZ", "EU") : null,
        };
        return Read(session, StateJson.Default.SessionV1);
    }

    private static T Read<T>(T state, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(state, type), type)!;
}
