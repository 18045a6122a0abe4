using System.Buffers.Binary;

namespace SessionCluster.Events;

/// <summary>
/// Keys of events, in the layout of a UUID of version 7 (RFC 9562): they begin with the moment. Rows of the log are then appended
/// to the index of their keys, where random keys would each write another page of it.
/// </summary>
internal static class EventPk
{
    private const int MomentBytes = 6;

    /// <param name="random">Of version 4; 74 of its random bits stay.</param>
    /// <param name="moment">When the event happened, from 1970 on; milliseconds count.</param>
    public static Guid At(Guid random, DateTimeOffset moment)
    {
        Span<byte> bytes = stackalloc byte[16];
        Span<byte> milliseconds = stackalloc byte[sizeof(long)];
        random.TryWriteBytes(bytes, bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(milliseconds, moment.ToUnixTimeMilliseconds());
        milliseconds[^MomentBytes..].CopyTo(bytes);
        bytes[MomentBytes] = (byte)((bytes[MomentBytes] & 0x0F) | 0x70);
        return new Guid(bytes, bigEndian: true);
    }
}
