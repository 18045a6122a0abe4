namespace SessionCluster.Api.Hosting;

/// <summary>Makes files and folders that only this user may enter, where the system knows of users.</summary>
public static class OwnerOnly
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes a folder where it is missing (mode 0700), with those above it.</summary>
    public static void CreateFolder(string path) =>
        _ = OperatingSystem.IsWindows() ? Directory.CreateDirectory(path) : Directory.CreateDirectory(path, Mode | UnixFileMode.UserExecute);

    /// <summary>Opens a file for nobody else at the same time; one that is made so has the mode 0600.</summary>
    public static FileStream Open(string path, FileMode mode, FileAccess access)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = Mode;
        }

        return new FileStream(path, options);
    }
}
