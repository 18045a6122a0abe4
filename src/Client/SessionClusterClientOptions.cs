namespace SessionCluster.Client;

/// <summary>Where the server is and how to call it. Bound from the configuration section <c>SessionCluster</c>, then from code.</summary>
public sealed class SessionClusterClientOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "SessionCluster";

    /// <summary>Where the server listens, such as <c>https://sessions.internal:8080</c>. Required.</summary>
    public Uri? Address { get; set; }

    /// <summary>The api key. This or <see cref="ApiKeyFile"/> is required.</summary>
    public string? ApiKey { get; set; }

    /// <summary>A file with the api key; it is read again when the server refuses the key that was in it.</summary>
    public string? ApiKeyFile { get; set; }

    /// <summary>Longest that a check or a read may take; 5 seconds unless set, 0.1 to 100 seconds.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Longest that a login, an ending or a change of data may take; 30 seconds unless set. An ending is answered when it holds on every node
    /// of a cluster, which takes ten seconds where one cannot be reached.
    /// </summary>
    public TimeSpan ChangeTimeout { get; set; } = TimeSpan.FromSeconds(30);
}

/// <summary>Checks <see cref="SessionClusterClientOptions"/> at start; each message names the option and what to do.</summary>
internal sealed class SessionClusterClientOptionsValidator : IValidateOptions<SessionClusterClientOptions>
{
    public ValidateOptionsResult Validate(string? name, SessionClusterClientOptions options)
    {
        var faults = new List<string>();
        if (options.Address is null)
        {
            faults.Add("SessionCluster:Address is missing. Set it to where the server listens, such as http://localhost:8080.");
        }
        else if (!options.Address.IsAbsoluteUri || options.Address.Scheme is not ("http" or "https"))
        {
            faults.Add($"SessionCluster:Address is '{options.Address}'. It must begin with http:// or https://, such as http://localhost:8080.");
        }
        else if (options.Address.Query.Length > 0 || options.Address.Fragment.Length > 0)
        {
            faults.Add($"SessionCluster:Address is '{options.Address}'. It must have no query and no fragment.");
        }

        if (options.ApiKey is { Length: > 0 } && options.ApiKeyFile is { Length: > 0 })
        {
            faults.Add("SessionCluster:ApiKey and SessionCluster:ApiKeyFile are both set. Keep one.");
        }
        else if (options.ApiKeyFile is { Length: > 0 } file)
        {
            Check(file, faults);
        }
        else if (string.IsNullOrWhiteSpace(options.ApiKey))
        {
            faults.Add("SessionCluster:ApiKey is missing. Set it, or SessionCluster:ApiKeyFile, to a key of the server's Api:Keys; a server started without keys wrote one to its data folder (data/api-key).");
        }
        else if (!ApiKeySource.MayBeKey(options.ApiKey.Trim()))
        {
            faults.Add("SessionCluster:ApiKey has a line break or another character that cannot be sent. Set it to one key alone, in ASCII.");
        }

        CheckRange(nameof(options.Timeout), options.Timeout, faults);
        CheckRange(nameof(options.ChangeTimeout), options.ChangeTimeout, faults);
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static void Check(string file, List<string> faults)
    {
        try
        {
            var key = File.ReadAllText(file).Trim();
            if (key.Length == 0)
            {
                faults.Add($"SessionCluster:ApiKeyFile is '{file}', which is empty. Write the api key into it.");
            }
            else if (!ApiKeySource.MayBeKey(key))
            {
                faults.Add($"SessionCluster:ApiKeyFile is '{file}', which holds a line break or another character that cannot be sent. Write one key alone into it, in ASCII.");
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            faults.Add($"SessionCluster:ApiKeyFile is '{file}', which cannot be read: {exception.Message}");
        }
    }

    private static void CheckRange(string option, TimeSpan value, List<string> faults)
    {
        if (value < TimeSpan.FromSeconds(0.1) || value > TimeSpan.FromSeconds(100))
        {
            faults.Add($"SessionCluster:{option} is {value}. It must be from 0.1 to 100 seconds.");
        }
    }
}
