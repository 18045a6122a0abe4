namespace SessionCluster.Alerts;

/// <summary>Secrets of webhooks, as Standard Webhooks write them.</summary>
public static class WebhookSecret
{
    /// <summary>What they begin with.</summary>
    public const string Prefix = "whsec_";

    private const int LeastBytes = 24;

    private const int MostBytes = 64;

    /// <summary>Whether a text is one: the prefix and 24 to 64 bytes in base64.</summary>
    public static bool IsValid(string text)
    {
        var bytes = new byte[MostBytes + 3];
        return text.StartsWith(Prefix, StringComparison.Ordinal)
            && Convert.TryFromBase64String(text[Prefix.Length..], bytes, out var length) && length is >= LeastBytes and <= MostBytes;
    }
}
