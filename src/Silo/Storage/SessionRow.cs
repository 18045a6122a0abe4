using System.Text.Json;
using SessionCluster.Sessions;
using SessionCluster.Storage;

namespace SessionCluster.Silo.Storage;

/// <summary>A session as its row holds it: the columns are a copy of parts of the payload.</summary>
internal sealed record SessionRow(
    Guid Id,
    string UserPk,
    string Username,
    long Created,
    long Expires,
    long? IdleAt,
    long LastUsed,
    string LastIp,
    string LastUserAgent,
    long? Asn,
    string? Country,
    string Payload)
{
    public static SessionRow From(SessionV1 session)
    {
        var lastUsed = UnixMicros.From(session.LastUsed);
        return new SessionRow(
            session.Id,
            session.UserPk,
            session.Username,
            UnixMicros.From(session.Created),
            UnixMicros.From(session.Expires),
            session.IdleMicros == 0 ? null : SaturatingSum(lastUsed, session.IdleMicros),
            lastUsed,
            session.LastIp,
            session.LastUserAgent,
            session.Asn?.Asn,
            session.Geo?.Country,
            JsonSerializer.Serialize(session, StateJson.Default.SessionV1));
    }

    public static SessionV1 Read(string payload) => JsonSerializer.Deserialize(payload, StateJson.Default.SessionV1)!;

    /// <summary>An idle timeout may be as long as a number can say.</summary>
    private static long SaturatingSum(long moment, long length) => moment > long.MaxValue - length ? long.MaxValue : moment + length;
}
