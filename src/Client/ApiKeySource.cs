using Microsoft.Extensions.Options;

namespace SessionCluster.Client;

/// <summary>The api key, from the settings or from a file that may be replaced while the app runs.</summary>
internal sealed class ApiKeySource(IOptions<SessionClusterClientOptions> options)
{
    private volatile string _header = Read(options.Value);

    /// <summary>The value of the Authorization header.</summary>
    public string Header => _header;

    /// <summary>Looks for another key after one was refused; whether there is one.</summary>
    public bool Renew(string refused)
    {
        if (options.Value.ApiKeyFile is not { Length: > 0 })
        {
            return false;
        }

        try
        {
            _header = Read(options.Value);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }

        return _header != refused;
    }

    private static string Read(SessionClusterClientOptions options) =>
        "Bearer " + (options.ApiKeyFile is { Length: > 0 } file ? File.ReadAllText(file) : options.ApiKey!).Trim();
}
