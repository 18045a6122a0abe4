using System.Diagnostics;

namespace SessionCluster.Testing;

/// <summary>A file system of a few megabytes in memory, to be filled.</summary>
public sealed class SmallDisk : IDisposable
{
    private readonly TempFolder _folder = new();

    public SmallDisk() => Run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", _folder.Path);

    /// <summary>Why there can be none; null when there can.</summary>
    public static string? WhyNot { get; } = Find();

    public string In(string name) => _folder.In(name);

    /// <summary>Takes all the room that is left.</summary>
    public void Fill()
    {
        using var filler = File.OpenHandle(In("filler"), FileMode.Create, FileAccess.Write);
        try
        {
            for (var at = 0L; ; at += 1024)
            {
                RandomAccess.Write(filler, new byte[1024], at);
            }
        }
        catch (IOException)
        {
            // It is full.
        }
    }

    /// <summary>Gives the room back.</summary>
    public void Free() => File.Delete(In("filler"));

    public void Dispose()
    {
        Run("umount", "--lazy", _folder.Path);
        _folder.Dispose();
    }

    private static string? Find()
    {
        try
        {
            new SmallDisk().Dispose();
            return null;
        }
        catch (Exception failure) when (failure is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return $"No small file system can be mounted here: {failure.Message}";
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(errors.Trim());
        }
    }
}

/// <summary>A fact that is skipped, with the reason, where no file system may be mounted.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute() => Skip = SmallDisk.WhyNot;
}
