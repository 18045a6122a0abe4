using System.Buffers.Binary;
using System.Security.Cryptography;

namespace SessionCluster.Api.Tokens;

/// <summary>
/// Tokens whose MAC was right a moment ago, in a fixed number of slots: a session in use need not have the same MAC computed for
/// each request. Only verified tokens get in, so nobody can fill it with others. Safe for concurrent use.
/// </summary>
internal sealed class SeenTokens
{
    /// <summary>How many tokens are kept at most.</summary>
    public const int Slots = 16 * 1024;

    private readonly Seen?[] kept = new Seen?[Slots];

    /// <summary>Whether this very token was verified under these keys; takes the same time wherever it differs.</summary>
    public bool Contains(object keys, ReadOnlySpan<byte> token) =>
        Volatile.Read(ref kept[SlotOf(token)]) is { } seen
        && ReferenceEquals(seen.Keys, keys)
        && CryptographicOperations.FixedTimeEquals(seen.Token, token);

    /// <summary>Keeps a token that these keys have verified, in place of another.</summary>
    public void Add(object keys, ReadOnlySpan<byte> token) =>
        Volatile.Write(ref kept[SlotOf(token)], new Seen(keys, token.ToArray()));

    // Ids are random: any of their bits will do.
    private static int SlotOf(ReadOnlySpan<byte> token) =>
        (int)(BinaryPrimitives.ReadUInt32LittleEndian(token[1..]) % Slots);

    private sealed record Seen(object Keys, byte[] Token);
}
