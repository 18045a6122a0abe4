namespace SessionCluster.Api.Tokens;

/// <summary>
/// The key ring's file, <c>&lt;data&gt;/keys</c>: <c>{"keys": [{"created": "...", "secret": "base64 of 32 bytes"}]}</c>, the newest
/// first. It is made at the first start, readable by its owner only. Instances that share sessions share this file.
/// </summary>
internal static class KeyRingFile
{
    /// <summary>The file's name in the data folder.</summary>
    public const string Name = "keys";

    /// <summary>Longest file that is read, in bytes.</summary>
    private const int MaxBytes = 64 * 1024;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Reads the ring, and makes a ring of one random key when there is no file.</summary>
    /// <exception cref="InvalidDataException">The file is not a key ring; the message names it and the way out.</exception>
    public static ImmutableArray<byte[]> ReadOrCreate(string path, DateTimeOffset now)
    {
        var text = SecretFile.ReadOrCreate(path, () => NewRing(now), MaxBytes);
        return Parse(text) ?? throw new InvalidDataException(
            $"The key ring file '{path}' is not usable: it must be JSON with 1 to {KeyRing.MaxKeys} \"keys\", each with a \"secret\" " +
            $"of {KeyRing.KeyBytes} bytes in base64. Restore it from a backup; or delete it and start once with {TokenOptions.AllowNewSetting}=true, which makes a new key and ends every session.");
    }

    /// <summary>The keys of a file's text, null when it is not a key ring.</summary>
    public static ImmutableArray<byte[]>? Parse(ReadOnlyMemory<byte> text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            ImmutableArray<byte[]> keys = [.. document.RootElement.GetProperty("keys").EnumerateArray().Select(entry => entry.GetProperty("secret").GetBytesFromBase64())];
            return KeyRing.IsUsable(keys) ? keys : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }

    private static byte[] NewRing(DateTimeOffset now) => JsonSerializer.SerializeToUtf8Bytes(
        new { keys = new[] { new { created = now.UtcDateTime, secret = RandomNumberGenerator.GetBytes(KeyRing.KeyBytes) } } },
        Indented);
}
