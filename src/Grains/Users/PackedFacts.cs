using System.Buffers.Binary;
using System.Text;

namespace SessionCluster.Users;

/// <summary>
/// What a caller said of a user, as one run of UTF-8 instead of four texts: there are many, they are read seldom, and memory is mostly
/// texts. Equal ones are mostly one object: a session's grain and its user's are loaded one right after the other, so a fixed
/// number of slots is enough, and whoever sends ever new names gains nothing.
/// </summary>
public readonly struct PackedFacts : IEquatable<PackedFacts>
{
    private const int Texts = 4;
    private const int Slots = 4096;

    private static readonly byte[]?[] Kept = new byte[]?[Slots];

    // Each text behind its length in bytes, which takes two; null for empty texts.
    private readonly byte[]? _packed;

    public PackedFacts(string userPk, string username, string email, string name)
    {
        ReadOnlySpan<string> texts = [userPk, username, email, name];
        var length = 0;
        foreach (var text in texts)
        {
            length += sizeof(ushort) + Encoding.UTF8.GetByteCount(text);
        }

        _packed = length == Texts * sizeof(ushort) ? null : Shared(Pack(texts, new byte[length]));
    }

    public string UserPk => Text(0);

    public string Username => Text(1);

    public string Email => Text(2);

    public string Name => Text(3);

    public UserFacts Unpack() => new(new UserId(UserPk), Username, Email, Name);

    public bool Equals(PackedFacts other) => _packed == other._packed || _packed.AsSpan().SequenceEqual(other._packed);

    public override bool Equals(object? obj) => obj is PackedFacts other && Equals(other);

    public override int GetHashCode() => Hash(_packed);

    public static bool operator ==(PackedFacts left, PackedFacts right) => left.Equals(right);

    public static bool operator !=(PackedFacts left, PackedFacts right) => !left.Equals(right);

    private static byte[] Pack(ReadOnlySpan<string> texts, byte[] packed)
    {
        var rest = packed.AsSpan();
        foreach (var text in texts)
        {
            var length = Encoding.UTF8.GetBytes(text, rest[sizeof(ushort)..]);
            BinaryPrimitives.WriteUInt16LittleEndian(rest, checked((ushort)length));
            rest = rest[(sizeof(ushort) + length)..];
        }

        return packed;
    }

    // A slot is replaced whole; the hash is seeded per process, so nobody can aim at one slot.
    private static byte[] Shared(byte[] packed)
    {
        ref var slot = ref Kept[(uint)Hash(packed) % Slots];
        var kept = Volatile.Read(ref slot);
        if (kept is not null && packed.AsSpan().SequenceEqual(kept))
        {
            return kept;
        }

        Volatile.Write(ref slot, packed);
        return packed;
    }

    private static int Hash(ReadOnlySpan<byte> packed)
    {
        var hash = default(HashCode);
        hash.AddBytes(packed);
        return hash.ToHashCode();
    }

    private string Text(int number)
    {
        if (_packed is null)
        {
            return "";
        }

        var rest = _packed.AsSpan();
        for (; number > 0; number--)
        {
            rest = rest[(sizeof(ushort) + BinaryPrimitives.ReadUInt16LittleEndian(rest))..];
        }

        return Encoding.UTF8.GetString(rest.Slice(sizeof(ushort), BinaryPrimitives.ReadUInt16LittleEndian(rest)));
    }
}
