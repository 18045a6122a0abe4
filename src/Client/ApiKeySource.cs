using System.Net.Http.Headers;
using Microsoft.Extensions.Options;

namespace SessionCluster.Client;

/// <summary>The api key, from the settings or from a file that may be replaced while the app runs.</summary>
internal sealed class ApiKeySource(IOptions<SessionClusterClientOptions> options)
{
    private volatile AuthenticationHeaderValue _header = Read(options.Value);

    public AuthenticationHeaderValue Header => _header;

    /// <summary>Looks for another key after one was refused; whether there is one.</summary>
    public bool Renew(AuthenticationHeaderValue refused)
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

        return _header.Parameter != refused.Parameter;
    }

    private static AuthenticationHeaderValue Read(SessionClusterClientOptions options) =>
        new("Bearer", (options.ApiKeyFile is { Length: > 0 } file ? File.ReadAllText(file) : options.ApiKey!).Trim());
}
