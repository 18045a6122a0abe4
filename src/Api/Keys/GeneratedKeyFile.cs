using System.Buffers.Text;

namespace SessionCluster.Api.Keys;

/// <summary>The api key that the first start makes when none is configured, <c>&lt;data&gt;/api-key</c>: one line, readable by its owner only.</summary>
internal static class GeneratedKeyFile
{
    /// <summary>The file's name in the data folder.</summary>
    public const string Name = "api-key";

    private const int RandomBytes = 32;

    private const int MaxBytes = 1024;

    /// <summary>Reads the key, and makes one when there is no file.</summary>
    /// <exception cref="InvalidDataException">The file holds no key; the message names it and the way out.</exception>
    public static string ReadOrCreate(string path)
    {
        var bytes = SecretFile.ReadOrCreate(path, NewKey, MaxBytes);
        var key = Encoding.UTF8.GetString(bytes).Trim();
        return key.Length is >= ApiKeyOptions.ShortestBootstrapKey and <= ApiKeyOptions.LongestKey
            ? key
            : throw new InvalidDataException(
                $"The api key file '{path}' must hold one line of {ApiKeyOptions.ShortestBootstrapKey} to {ApiKeyOptions.LongestKey} " +
                "characters. Delete it to have a new key made, or configure Api:BootstrapKey or Api:Keys.");
    }

    private static byte[] NewKey() =>
        Encoding.UTF8.GetBytes(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes)) + "\n");
}
