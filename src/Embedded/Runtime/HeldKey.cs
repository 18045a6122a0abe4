using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace SessionCluster.Embedded;

/// <summary>
/// A grain's key as its activation holds it. There are as many keys as activations, and most are an id or short: 16 bytes hold the 32
/// hex digits that follow a letter and a colon, or up to 15 ASCII characters. Any other key is kept as its text. Each key has
/// one form only, so equal keys are equal here.
/// </summary>
internal readonly struct HeldKey : IEquatable<HeldKey>
{
    private const int Bytes = 16;
    private const int PrefixLength = 2;

    // The prefixes of ids seen so far, by their letter: one object for each.
    private static readonly string?[] Prefixes = new string?[128];

    // The prefix of an id, null for a short text; the whole key where it is neither, and then both numbers are 0.
    private readonly string? text;
    private readonly ulong first;
    private readonly ulong second;

    internal HeldKey(string key)
    {
        Span<byte> packed = stackalloc byte[Bytes];
        if (TryPackDigits(key, packed))
        {
            text = Prefixes[key[0]] ??= key[..PrefixLength];
        }
        else if (!TryPackShort(key, packed))
        {
            text = key;
        }

        first = BinaryPrimitives.ReadUInt64LittleEndian(packed);
        second = BinaryPrimitives.ReadUInt64LittleEndian(packed[sizeof(ulong)..]);
    }

    private bool IsText => (first | second) == 0;

    public bool Equals(HeldKey other) => first == other.first && second == other.second && string.Equals(text, other.text, StringComparison.Ordinal);

    public override bool Equals(object? obj) => obj is HeldKey other && Equals(other);

    /// <summary>Seeded per process, as that of any text: nobody can choose keys that fall together.</summary>
    public override int GetHashCode() =>
        IsText ? string.GetHashCode(text) : string.GetHashCode(MemoryMarshal.Cast<ulong, char>([first, second]));

    /// <summary>The key's text; a new one, unless that is what is held.</summary>
    public override string ToString()
    {
        if (IsText)
        {
            return text ?? "";
        }

        Span<byte> packed = stackalloc byte[Bytes];
        BinaryPrimitives.WriteUInt64LittleEndian(packed, first);
        BinaryPrimitives.WriteUInt64LittleEndian(packed[sizeof(ulong)..], second);
        return text is null ? Encoding.ASCII.GetString(packed[..packed[^1]]) : text + Convert.ToHexStringLower(packed);
    }

    // By vectors: this is done for each call, and the platform's own conversion takes longer than all the rest of a lookup.
    private static bool TryPackDigits(string key, Span<byte> packed)
    {
        if (key.Length != PrefixLength + (2 * Bytes) || key[1] != ':' || !char.IsAscii(key[0]))
        {
            return false;
        }

        var digits = MemoryMarshal.Cast<char, ushort>(key.AsSpan(PrefixLength));
        var isHex = TryNibbles(digits, out var left) & TryNibbles(digits[Bytes..], out var right);
        var both = Vector128.Narrow(Pairs(left), Pairs(right));
        if (!isHex || both == Vector128<byte>.Zero)
        {
            return false;
        }

        both.CopyTo(packed);
        return true;
    }

    // The values of 16 hex digits. Lower case only, or two keys would be one.
    private static bool TryNibbles(ReadOnlySpan<ushort> digits, out Vector128<byte> values)
    {
        // Saturated: no other character becomes a digit.
        var characters = Vector128.NarrowWithSaturation(Vector128.Create(digits), Vector128.Create(digits[8..]));
        var (decimals, letters) = (characters - Vector128.Create((byte)'0'), characters - Vector128.Create((byte)'a'));
        var isDecimal = Vector128.LessThan(decimals, Vector128.Create((byte)10));
        var isLetter = Vector128.LessThan(letters, Vector128.Create((byte)6));
        values = Vector128.ConditionalSelect(isDecimal, decimals, letters + Vector128.Create((byte)10));
        return (isDecimal | isLetter) == Vector128<byte>.AllBitsSet;
    }

    // Each two values as one, in the lower half of its element: the first is the upper one.
    private static Vector128<ushort> Pairs(Vector128<byte> values) =>
        ((values.AsUInt16() << 4) | (values.AsUInt16() >> 8)) & Vector128.Create((ushort)0xFF);

    // The last byte is the length.
    private static bool TryPackShort(string key, Span<byte> packed)
    {
        if (key.Length >= Bytes || !Ascii.IsValid(key))
        {
            return false;
        }

        packed[^1] = (byte)Encoding.ASCII.GetBytes(key, packed);
        return true;
    }
}
