namespace SessionCluster.Client;

/// <summary>The api key, from the settings or from a file that may be replaced while the app runs.</summary>
internal sealed class ApiKeySource(IOptions<SessionClusterClientOptions> options)
{
    private volatile string _header = HeaderOf(KeyOf(options.Value));

    /// <summary>The value of the Authorization header.</summary>
    public string Header => _header;

    /// <summary>Whether a text can be a key: it goes into a header as it is. A key may be several words.</summary>
    public static bool MayBeKey(string text) => text.Length > 0 && !text.ContainsAnyExceptInRange(' ', '~');

    /// <summary>Looks for another key after one was refused; whether there is one.</summary>
    public bool Renew(string refused)
    {
        try
        {
            if (options.Value.ApiKeyFile is { Length: > 0 } && KeyOf(options.Value) is var key && MayBeKey(key))
            {
                _header = HeaderOf(key);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }

        return _header != refused;
    }

    private static string HeaderOf(string key) => "Bearer " + key;

    private static string KeyOf(SessionClusterClientOptions options) => (options.ApiKeyFile is { Length: > 0 } file ? File.ReadAllText(file) : options.ApiKey!).Trim();
}
