namespace SessionCluster.Silo.Storage;

/// <summary>
/// The folder of the database, the key ring and the generated API key. While this object lives no other process can open it:
/// the lock is the operating system's, and ends with the process however that ends.
/// </summary>
public sealed class DataFolder : IDisposable
{
    /// <summary>The setting that names the folder.</summary>
    public const string Setting = "Data:Path";

    /// <summary>Where the folder is unless set: below the working directory.</summary>
    public const string Default = "./data";

    /// <summary>With less than this left on its disk the database cannot be opened: SQLite makes a log and an index of it.</summary>
    private const long LeastRoom = 4 << 20;

    private const string LockName = "lock";

    private const UnixFileMode OthersMay =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private readonly FileStream _lock;

    private DataFolder(string path, FileStream held)
    {
        Path = path;
        _lock = held;
    }

    /// <summary>The folder, as an absolute path.</summary>
    public string Path { get; }

    /// <summary>
    /// True when the folder was there before and lets other users of the machine in. Its mode is not changed, since the setting
    /// may name a folder that is not ours alone; the files that this program makes in it are its user's only.
    /// </summary>
    public bool OpenToOthers => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(Path) & OthersMay) != 0;

    /// <summary>Whether its disk is known to have no room for the database: some file systems say nothing of their size.</summary>
    public bool IsFull
    {
        get
        {
            try
            {
                return new DriveInfo(Path) is { TotalSize: > 0, AvailableFreeSpace: < LeastRoom };
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
            {
                return false;
            }
        }
    }

    /// <summary>Opens the folder that the settings name.</summary>
    /// <exception cref="StorageStartException">It cannot be made, cannot be written to, or another process has it.</exception>
    public static DataFolder Open(IConfiguration configuration)
    {
        var configured = configuration[Setting];
        return Open(string.IsNullOrWhiteSpace(configured) ? Default : configured);
    }

    /// <summary>Makes the folder where it is missing (mode 0700) and locks it.</summary>
    /// <exception cref="StorageStartException">It cannot be made, cannot be written to, or another process has it.</exception>
    public static DataFolder Open(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        try
        {
            OwnerOnly.CreateFolder(full);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StorageStartException(
                $"The data folder {full} cannot be created: {SettingsCheck.Sentence(error.Message)} Set {Setting} to a folder that this user may write to.", error);
        }

        try
        {
            return new DataFolder(full, OwnerOnly.Open(System.IO.Path.Combine(full, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite));
        }
        catch (IOException error) when (IsHeld(error))
        {
            throw new StorageStartException(
                $"The data folder {full} is in use by another process. One process at a time may serve it: stop that one, or set {Setting} to another folder.",
                error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw NotWritable($"The data folder {full}", error);
        }
    }

    /// <summary>The full name of a file in the folder.</summary>
    public string FileNamed(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Makes an empty file that only this user may read and write, unless it is there already.</summary>
    /// <exception cref="StorageStartException">The file cannot be made or written to.</exception>
    public void EnsureOwned(string name)
    {
        var file = FileNamed(name);
        try
        {
            OwnerOnly.Open(file, FileMode.OpenOrCreate, FileAccess.ReadWrite).Dispose();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw NotWritable($"The file {file}", error);
        }
    }

    /// <summary>Lets the folder go.</summary>
    public void Dispose() => _lock.Dispose();

    private static StorageStartException NotWritable(string what, Exception error) =>
        new($"{what} is not writable: {SettingsCheck.Sentence(error.Message)} Give this user write access, or set {Setting} to another folder.", error);

    /// <summary>EWOULDBLOCK of Linux (11) and of macOS (35), or the sharing and lock violations of Windows.</summary>
    private static bool IsHeld(IOException error) => error.HResult is 11 or 35 or unchecked((int)0x80070020) or unchecked((int)0x80070021);
}
