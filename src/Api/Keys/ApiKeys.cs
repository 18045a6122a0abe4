using System.Runtime.CompilerServices;

namespace SessionCluster.Api.Keys;

/// <summary>The service keys that count.</summary>
internal sealed class ApiKeys(IReadOnlyList<ApiKey> keys)
{
    /// <summary>The name of the bootstrap key and of the generated key.</summary>
    public const string BootstrapName = "bootstrap";

    // Holds no header that nothing else holds.
    private readonly ConditionalWeakTable<string, ApiKey> _found = [];

    /// <summary>The configured keys. None when nothing is configured.</summary>
    public static List<ApiKey> Configured(ApiKeyOptions options)
    {
        var keys = new List<ApiKey>();
        if (options.BootstrapKey is { } bootstrap)
        {
            keys.Add(WithEveryRole(bootstrap));
        }

        foreach (var entry in options.Keys)
        {
            var roles = Roles.None;
            foreach (var name in entry.Roles)
            {
                roles |= ApiKeyOptions.TryParseRole(name, out var role) ? role : Roles.None;
            }

            keys.Add(new ApiKey(entry.Name, Convert.FromHexString(entry.Sha256), roles));
        }

        return keys;
    }

    public static ApiKey WithEveryRole(string key) => new(BootstrapName, SHA256.HashData(Encoding.UTF8.GetBytes(key)), Roles.All);

    /// <summary>
    /// The service of the key that stands in a header from <paramref name="start"/> on; null when there is none. The server gives one object for
    /// the headers of a connection as long as they are equal, so only its first request has the key hashed.
    /// </summary>
    public ApiKey? FindIn(string header, int start)
    {
        if (!_found.TryGetValue(header, out var key) && (key = Find(header.AsSpan(start).Trim())) is not null)
        {
            _found.AddOrUpdate(header, key);
        }

        return key;
    }

    /// <summary>The service whose key's SHA-256 begins so; null when there is none.</summary>
    public ApiKey? FindByHash(ReadOnlySpan<byte> beginning)
    {
        ApiKey? match = null;
        foreach (var key in keys)
        {
            if (CryptographicOperations.FixedTimeEquals(beginning, key.Sha256.AsSpan(0, beginning.Length)))
            {
                match = key;
            }
        }

        return match;
    }

    /// <summary>The service of a presented key, null when there is none. Compares with every key, in constant time each.</summary>
    public ApiKey? Find(ReadOnlySpan<char> presented)
    {
        if (presented.Length is 0 or > ApiKeyOptions.LongestKey)
        {
            return null;
        }

        Span<byte> text = stackalloc byte[presented.Length * 3];
        var length = Encoding.UTF8.GetBytes(presented, text);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..length], hash);
        return FindByHash(hash);
    }
}
