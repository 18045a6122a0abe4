using Microsoft.Extensions.Primitives;

namespace SessionCluster.Api.Callers;

/// <summary>Finds one cookie without taking the whole header apart. For values without escapes and quotes, as our tokens are.</summary>
internal static class CookieHeader
{
    /// <summary>The value of the last cookie of exactly that name, as it stands in the header; empty when there is none.</summary>
    public static ReadOnlySpan<char> Find(StringValues lines, string name)
    {
        var found = ReadOnlySpan<char>.Empty;
        foreach (var line in lines)
        {
            var text = line.AsSpan();
            foreach (var part in text.Split(';'))
            {
                var pair = text[part].Trim(' ');
                if (pair.Length > name.Length && pair[name.Length] == '=' && pair.StartsWith(name, StringComparison.Ordinal))
                {
                    found = pair[(name.Length + 1)..];
                }
            }
        }

        return found;
    }
}
