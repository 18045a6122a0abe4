namespace SessionCluster.Api.Keys;

internal sealed class ApiKeyOptions : ICheckedOptions
{
    public const int ShortestBootstrapKey = 32;

    /// <summary>Longest key in characters that is looked at.</summary>
    public const int LongestKey = 512;

    /// <summary>Most configured keys: each costs a comparison per request.</summary>
    public const int MaxKeys = 64;

    private const int HexLength = 64;

    /// <summary><c>Api:BootstrapKey</c>: one key with every role, at least 32 characters. Default none.</summary>
    public string? BootstrapKey { get; set; }

    /// <summary><c>Api:Keys:N:{Name,Sha256,Roles}</c>. Default none.</summary>
    public IReadOnlyList<Entry> Keys { get; set; } = [];

    /// <summary>Whether any key is configured; without one, a generated key counts.</summary>
    public bool Any => BootstrapKey is not null || Keys.Count > 0;

    public void Bind(IConfiguration configuration)
    {
        var section = configuration.GetSection("Api");
        BootstrapKey = string.IsNullOrEmpty(section["BootstrapKey"]) ? null : section["BootstrapKey"];
        Keys = [.. section.GetSection("Keys").GetChildren().Select(Entry.Read)];
    }

    public void Check(SettingsCheck check)
    {
        check.Require(BootstrapKey is null or { Length: >= ShortestBootstrapKey and <= LongestKey }, $"Api:BootstrapKey must have {ShortestBootstrapKey} to {LongestKey} characters.");
        if (BootstrapKey is { Length: > 0 } given && (char.IsWhiteSpace(given[0]) || char.IsWhiteSpace(given[^1])))
        {
            // Presented keys are trimmed, so that none would be equal to it.
            check.Fail("Api:BootstrapKey begins or ends with white space, which no caller can send. Remove it; in a file it may be the carriage return of a Windows line end.");
        }

        check.Require(Keys.Count <= MaxKeys, $"Api:Keys: at most {MaxKeys} keys are allowed, there are {Keys.Count}.");
        foreach (var entry in Keys)
        {
            Check(entry, check);
        }

        foreach (var twice in Keys.GroupBy(entry => entry.Name).Where(group => group.Count() > 1 && group.Key.Length > 0))
        {
            check.Fail($"{twice.Last().Setting}:Name must be unique; '{twice.Key}' is there {twice.Count()} times.");
        }
    }

    /// <summary>Reads a role's name.</summary>
    public static bool TryParseRole(string text, out Roles role)
    {
        role = Array.Find(Enum.GetValues<Roles>(), known => known != Roles.All && JsonNamingPolicy.SnakeCaseLower.ConvertName(known.ToString()) == text);
        return role != Roles.None;
    }

    private static void Check(Entry entry, SettingsCheck check)
    {
        check.Require(entry.Name.Length > 0, $"{entry.Setting}:Name is missing.");
        check.Require(entry.Sha256.Length == HexLength && entry.Sha256.All(char.IsAsciiHexDigitLower), $"{entry.Setting}:Sha256 must be {HexLength} lower-case hexadecimal digits.");
        check.Require(entry.Roles.Count > 0, $"{entry.Setting}:Roles is missing; use login, validate, read, manage.");
        foreach (var role in entry.Roles.Where(role => !TryParseRole(role, out _)))
        {
            check.Fail(new StringBuilder(entry.Setting).Append(":Roles holds the unknown role '").Append(role)
                .Append("'; use login, validate, read, manage.").ToString());
        }
    }

    /// <summary>One configured key.</summary>
    /// <param name="Setting">The setting's name, for messages.</param>
    /// <param name="Name">The service's name.</param>
    /// <param name="Sha256">Lower-case hexadecimal SHA-256 of the key.</param>
    public sealed record Entry(string Setting, string Name, string Sha256, IReadOnlyList<string> Roles)
    {
        private static readonly char[] Separators = [',', ' '];

        // Roles come as a list (Roles:0, Roles:1) or, which suits environment variables, as one text with commas.
        internal static Entry Read(IConfigurationSection section)
        {
            var roles = section.GetSection("Roles");
            string[] names = roles.Value is { } text
                ? text.Split(Separators, StringSplitOptions.RemoveEmptyEntries)
                : [.. roles.GetChildren().Select(child => child.Value ?? "")];
            return new Entry(section.Path, section["Name"] ?? "", section["Sha256"] ?? "", names);
        }
    }
}
