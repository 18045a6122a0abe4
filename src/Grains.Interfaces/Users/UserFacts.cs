using System.Diagnostics.CodeAnalysis;

namespace SessionCluster.Users;

/// <summary>What a caller says of a user at login; kept with the session and shown in lists and events.</summary>
/// <param name="Id">The primary key.</param>
/// <param name="Username">The login name; may be empty, never null.</param>
/// <param name="Email">The e-mail address; may be empty, never null.</param>
/// <param name="Name">The display name; may be empty, never null.</param>
[GenerateSerializer, Immutable, Alias("sc.user-facts")]
public sealed record UserFacts(
    [property: Id(0)] UserId Id,
    [property: Id(1)] string Username,
    [property: Id(2)] string Email,
    [property: Id(3)] string Name)
{
    /// <summary>Nobody: the user of an event that is about none.</summary>
    public static readonly UserFacts Nobody = Unnamed(new UserId(""));

    /// <summary>A user of whom nothing but the key is known.</summary>
    public static UserFacts Unnamed(UserId user) => new(user, "", "", "");

    /// <summary>As logs may show it: without what is personal.</summary>
    public override string ToString() => Id.ToString();
}

/// <summary>
/// A user's primary key as the caller names it: any text of 1 to 255 characters without U+0000, but for <c>.</c> and <c>..</c>, which no URL
/// can name: whoever reads one takes them for steps of its path (RFC 3986, 5.2.4).
/// </summary>
/// <param name="Value">The key, verbatim and case-sensitive.</param>
[GenerateSerializer, Immutable, Alias("sc.user-id")]
public readonly record struct UserId([property: Id(0)] string Value)
{
    /// <summary>Longest accepted key, in UTF-16 characters.</summary>
    public const int MaxLength = 255;

    /// <summary>What a key must be, for messages.</summary>
    public static readonly string Rule = $"text of 1 to {MaxLength} characters without U+0000, other than \".\" and \"..\"";

    // 'u' is not a hex digit: Orleans' ADO.NET provider folds keys that read as numbers or GUIDs into one another.
    private const string KeyPrefix = "u:";

    /// <summary>The key of the user's grain.</summary>
    public string GrainKey => KeyPrefix + Value;

    /// <summary>Reads a key from input.</summary>
    /// <returns>False when the text is empty, longer than <see cref="MaxLength"/>, holds U+0000, or is a step of a path.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out UserId id)
    {
        var valid = text is { Length: > 0 and <= MaxLength } and not ("." or "..") && !text.Contains('\0', StringComparison.Ordinal);
        id = valid ? new UserId(text!) : default;
        return valid;
    }

    /// <summary>The user of a grain key made by <see cref="GrainKey"/>.</summary>
    public static UserId FromGrainKey(string key) => key.StartsWith(KeyPrefix, StringComparison.Ordinal)
        ? new UserId(key[KeyPrefix.Length..])
        : throw new ArgumentException("Not the key of a user grain.", nameof(key));

    /// <summary>The key as logs may show it: one that may be an e-mail address is told by a part of its SHA-256, so that lines of one user still belong together.</summary>
    public override string ToString() => Value?.Contains('@', StringComparison.Ordinal) == true
        ? $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Value)))[..16]}"
        : Value ?? "";
}
