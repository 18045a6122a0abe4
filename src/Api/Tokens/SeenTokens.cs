using System.Runtime.InteropServices;
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

    private readonly Seen?[] _kept = new Seen?[Slots];

    /// <summary>Whether this very MAC of the id was verified under these keys; takes the same time wherever the MAC differs.</summary>
    public bool Contains(object keys, Guid id, ReadOnlySpan<byte> mac)
    {
        var slot = SlotOf(id);
        return Matches(slot, keys, id, mac) || Matches(Neighbour(slot), keys, id, mac);
    }

    /// <summary>Keeps the MAC of an id that these keys have verified, in place of another.</summary>
    public void Add(object keys, Guid id, ReadOnlySpan<byte> mac)
    {
        var slot = SlotOf(id);
        // The one that comes later goes aside: two that share a slot do not displace each other in turns.
        var isFree = Volatile.Read(ref _kept[slot]) is not { } there || there.Id == id || !ReferenceEquals(there.Keys, keys);
        Volatile.Write(ref _kept[isFree ? slot : Neighbour(slot)], new Seen(keys, id, mac));
    }

    // The id is public: only the MAC is compared in constant time.
    private bool Matches(int slot, object keys, Guid id, ReadOnlySpan<byte> mac) =>
        Volatile.Read(ref _kept[slot]) is { } seen
        && seen.Id == id
        && ReferenceEquals(seen.Keys, keys)
        && CryptographicOperations.FixedTimeEquals(seen.Mac, mac);

    // Ids are random: any of their bits will do.
    private static int SlotOf(Guid id) => (int)((uint)id.GetHashCode() % Slots);

    private static int Neighbour(int slot) => slot ^ 1;

    private sealed class Seen(object keys, Guid id, ReadOnlySpan<byte> mac)
    {
        private readonly UInt128 _bytes = MemoryMarshal.Read<UInt128>(mac);

        public object Keys => keys;

        public Guid Id => id;

        /// <summary>In the object itself: one place in memory to look at, not two.</summary>
        public ReadOnlySpan<byte> Mac => MemoryMarshal.AsBytes(new ReadOnlySpan<UInt128>(in _bytes));
    }
}
