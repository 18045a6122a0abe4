using System.Security.Cryptography;

namespace SessionCluster.Sessions;

/// <summary>Where new ids of sessions, devices and events come from; a simulation supplies its own.</summary>
public interface IIdSource
{
    /// <summary>A UUID in the layout of version 4 (RFC 9562): 122 random bits.</summary>
    Guid NewId();
}

/// <summary>Ids from the operating system's cryptographic generator.</summary>
public sealed class RandomIdSource : IIdSource
{
    public Guid NewId()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
