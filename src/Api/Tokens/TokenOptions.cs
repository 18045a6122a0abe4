namespace SessionCluster.Api.Tokens;

/// <summary>Where the token keys come from.</summary>
internal sealed class TokenOptions : ICheckedOptions
{
    public const string AllowNewSetting = "Keys:AllowNew";

    /// <summary><c>Data:Path</c>: the folder of the key ring file and the generated api key. Default <c>./data</c>.</summary>
    public string DataPath { get; set; } = "./data";

    /// <summary><c>Keys:N</c>: the ring from configuration, base64 of 32 bytes each, the newest first; with any, no file is used.</summary>
    public IReadOnlyList<string> Keys { get; set; } = [];

    /// <summary>
    /// <c>Keys:AllowNew</c>: whether a missing key ring file is made again beside a database that has live sessions, all of which that ends.
    /// Default false: the start stops.
    /// </summary>
    public bool AllowNew { get; set; }

    public void Bind(IConfiguration configuration)
    {
        DataPath = configuration["Data:Path"] ?? DataPath;
        AllowNew = configuration.GetValue<bool>(AllowNewSetting);
        Keys = [.. configuration.GetSection("Keys").GetChildren()
            .Where(child => !child.Path.Equals(AllowNewSetting, StringComparison.OrdinalIgnoreCase)).Select(child => child.Value ?? "")];
    }

    public void Check(SettingsCheck check)
    {
        check.Require(!string.IsNullOrWhiteSpace(DataPath), "Data:Path must name a folder.");
        check.Require(Keys.Count <= KeyRing.MaxKeys, $"Keys: at most {KeyRing.MaxKeys} keys are allowed, there are {Keys.Count}.");
        check.Require(!AllowNew || Keys.Count == 0, $"{AllowNewSetting} makes a new key ring file, which Keys:N stand in place of. Replace all of these by one new key, and take {AllowNewSetting} away.");
        for (var index = 0; index < Keys.Count; index++)
        {
            check.Require(Decode(Keys[index]) is not null, $"Keys:{index} must be base64 of exactly {KeyRing.KeyBytes} bytes.");
        }
    }

    /// <summary>The bytes of a configured key, null when it is not one.</summary>
    public static byte[]? Decode(string text)
    {
        var bytes = new byte[KeyRing.KeyBytes + 3];
        return Convert.TryFromBase64String(text, bytes, out var length) && length == KeyRing.KeyBytes ? bytes[..length] : null;
    }
}
