namespace SessionCluster.Api.Hosting;

/// <summary>
/// Settings from files, one a file: the name is the setting's with <c>__</c> for <c>:</c>, the content its value without the
/// last line break. So secrets reach a container as files, not as environment variables.
/// </summary>
public static class SecretFiles
{
    /// <summary>The setting that names the folder, such as <c>/run/secrets</c>. Default none.</summary>
    public const string Setting = "Secrets:Path";

    /// <summary>Reads the folder, if one is set. What it holds wins over other sources.</summary>
    /// <exception cref="InvalidDataException">There is no such folder, or a file of it cannot be read.</exception>
    public static void AddSecretFiles(this ConfigurationManager configuration)
    {
        if (configuration[Setting] is not { Length: > 0 } folder)
        {
            return;
        }

        try
        {
            configuration.AddKeyPerFile(Path.GetFullPath(folder), optional: false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{Setting} is '{folder}', which cannot be read: {SettingsCheck.Sentence(error.Message)} Set it to a folder with one file for each setting.", error);
        }
    }
}
