namespace SessionCluster.Sessions;

/// <summary>
/// The public id of a session: a UUID (version 4 layout, 122 random bits). It logs nobody in: a token is this id plus a MAC
/// that only the key ring can make, so it may be listed, logged and stored.
/// </summary>
/// <param name="Value">The UUID.</param>
[GenerateSerializer, Immutable, Alias("sc.session-id")]
public readonly record struct SessionId([property: Id(0)] Guid Value)
{
    // 's' is not a hex digit: Orleans' ADO.NET provider folds keys that read as numbers or GUIDs into one another.
    private const string KeyPrefix = "s:";

    /// <summary>The key of the session's grain.</summary>
    public string GrainKey => $"{KeyPrefix}{Value:N}";

    /// <summary>Reads a UUID from input; any form that <see cref="Guid.TryParseExact(string, string, out Guid)"/> takes as "D".</summary>
    public static bool TryParse(string? text, out SessionId id)
    {
        var valid = Guid.TryParseExact(text, "D", out var value);
        id = new SessionId(value);
        return valid;
    }

    /// <summary>The session of a grain key made by <see cref="GrainKey"/>.</summary>
    public static SessionId FromGrainKey(string key) => key.StartsWith(KeyPrefix, StringComparison.Ordinal)
        ? new SessionId(Guid.ParseExact(key.AsSpan(KeyPrefix.Length), "N"))
        : throw new ArgumentException("Not the key of a session grain.", nameof(key));

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("D");
}

/// <summary>New ids.</summary>
public static class RandomUuid
{
    /// <summary>A UUID in the layout of version 4 (RFC 9562): 122 bits of the operating system's cryptographic generator.</summary>
    public static Guid Next()
    {
        var bytes = RandomNumberGenerator.GetBytes(16);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
