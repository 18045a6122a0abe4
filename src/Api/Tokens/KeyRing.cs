namespace SessionCluster.Api.Tokens;

/// <summary>
/// The secrets behind tokens and device cookies: the newest signs, all verify. Dropping a key ends whatever it signed,
/// everywhere at once. The keys can be exchanged while requests run.
/// </summary>
internal sealed class KeyRing
{
    /// <summary>Most keys in a ring: each costs one hash per check of a token.</summary>
    public const int MaxKeys = 8;

    public const int KeyBytes = 32;

    /// <summary>Length of the MACs in bytes: HMAC-SHA-256 cut to 128 bits.</summary>
    public const int MacBytes = 16;

    private volatile byte[][] _current;

    /// <param name="keys">1 to <see cref="MaxKeys"/> keys of <see cref="KeyBytes"/> bytes, the newest first.</param>
    public KeyRing(ImmutableArray<byte[]> keys) => _current = Checked(keys);

    private KeyRing() => _current = [];

    /// <summary>A ring whose keys come when the host starts; until then it verifies nothing and cannot sign.</summary>
    public static KeyRing NotLoaded() => new();

    /// <summary>Whether there are as many keys as a ring may have, each as long as it must be.</summary>
    public static bool IsUsable(ImmutableArray<byte[]> keys) => keys is { IsDefault: false, Length: >= 1 and <= MaxKeys } && keys.All(key => key.Length == KeyBytes);

    public void Replace(ImmutableArray<byte[]> newKeys) => _current = Checked(newKeys);

    /// <summary>Makes the MAC of data for one purpose under the newest key.</summary>
    public void Sign(ReadOnlySpan<byte> purpose, ReadOnlySpan<byte> data, Span<byte> mac) =>
        Compute(_current[0], purpose, data, mac);

    /// <summary>Whether the MAC is right under any key; takes the same time wherever it is wrong.</summary>
    public bool Verify(ReadOnlySpan<byte> purpose, ReadOnlySpan<byte> data, ReadOnlySpan<byte> mac)
    {
        Span<byte> expected = stackalloc byte[MacBytes];
        var right = false;
        foreach (var key in _current)
        {
            Compute(key, purpose, data, expected);
            right |= CryptographicOperations.FixedTimeEquals(expected, mac);
        }

        return right;
    }

    private static void Compute(byte[] key, ReadOnlySpan<byte> purpose, ReadOnlySpan<byte> data, Span<byte> mac)
    {
        Span<byte> full = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Span<byte> input = stackalloc byte[purpose.Length + data.Length];
        purpose.CopyTo(input);
        data.CopyTo(input[purpose.Length..]);
        HMACSHA256.HashData(key, input, full);
        full[..MacBytes].CopyTo(mac);
    }

    private static byte[][] Checked(ImmutableArray<byte[]> keys) => IsUsable(keys)
        ? [.. keys]
        : throw new ArgumentException($"A key ring has 1 to {MaxKeys} keys of {KeyBytes} bytes.", nameof(keys));
}
