using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace SessionCluster.Api.Tokens;

/// <summary>Where the token keys come from.</summary>
internal sealed class TokenOptions
{
    /// <summary><c>Data:Path</c>: the folder of the key ring file and the generated api key. Default <c>./data</c>.</summary>
    public string DataPath { get; set; } = "./data";

    /// <summary><c>Keys:N</c>: the ring from configuration, base64 of 32 bytes each, the newest first; with any, no file is used.</summary>
    public IReadOnlyList<string> Keys { get; set; } = [];

    public void Bind(IConfiguration configuration)
    {
        DataPath = configuration["Data:Path"] ?? DataPath;
        Keys = [.. configuration.GetSection("Keys").GetChildren().Select(child => child.Value ?? "")];
    }
}

/// <summary>Checks <see cref="TokenOptions"/>.</summary>
internal sealed class TokenOptionsValidator : IValidateOptions<TokenOptions>
{
    public ValidateOptionsResult Validate(string? name, TokenOptions options)
    {
        var failures = new List<string>();
        if (string.IsNullOrWhiteSpace(options.DataPath))
        {
            failures.Add("Data:Path must name a folder.");
        }

        if (options.Keys.Count > KeyRing.MaxKeys)
        {
            failures.Add($"Keys: at most {KeyRing.MaxKeys} keys are allowed, there are {options.Keys.Count}.");
        }

        for (var index = 0; index < options.Keys.Count; index++)
        {
            if (Decode(options.Keys[index]) is null)
            {
                failures.Add($"Keys:{index} must be base64 of exactly {KeyRing.KeyBytes} bytes.");
            }
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    /// <summary>The bytes of a configured key, null when it is not one.</summary>
    public static byte[]? Decode(string text)
    {
        var bytes = new byte[KeyRing.KeyBytes + 3];
        return Convert.TryFromBase64String(text, bytes, out var length) && length == KeyRing.KeyBytes ? bytes[..length] : null;
    }
}
