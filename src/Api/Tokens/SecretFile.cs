using System.Runtime.InteropServices;

namespace SessionCluster.Api.Tokens;

/// <summary>Files that hold secrets: made once, whole or not at all, readable by their owner only.</summary>
internal static class SecretFile
{
    /// <summary>
    /// Reads the file, and makes it when there is none. Of several processes that start at once, one makes it and all read the
    /// same; a crash on the way leaves no half file under its name.
    /// </summary>
    /// <exception cref="InvalidDataException">The file is longer than <paramref name="maxBytes"/>.</exception>
    public static byte[] ReadOrCreate(string path, Func<byte[]> content, int maxBytes)
    {
        if (!File.Exists(path))
        {
            Create(path, content());
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        if (stream.Length > maxBytes)
        {
            throw new InvalidDataException($"The file '{path}' is longer than {maxBytes} bytes; put the right file in its place.");
        }

        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static void Create(string path, byte[] content)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder && !Directory.Exists(folder))
        {
            OwnerOnly.CreateFolder(folder);
        }

        var draft = $"{path}.{Path.GetRandomFileName()}";
        try
        {
            using (var stream = OwnerOnly.Open(draft, FileMode.CreateNew, FileAccess.Write))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            Name(draft, path);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process made it first: its file counts.
        }
        finally
        {
            File.Delete(draft);
        }
    }

    /// <summary>Gives the draft its name, if that is not taken. File systems without hard links have to do with a look before the move.</summary>
    private static void Name(string draft, string path)
    {
        if (OperatingSystem.IsWindows() || (Native.Link(Bytes(draft), Bytes(path)) != 0 && !File.Exists(path)))
        {
            File.Move(draft, path, overwrite: false);
        }

        static byte[] Bytes(string name) => Encoding.UTF8.GetBytes(name + '\0');
    }
}

/// <summary>What the platform's own library has no call for.</summary>
file static class Native
{
    /// <summary>Gives a file a second name, unless that is taken: in one step, where File.Move looks first and then moves.</summary>
    [DllImport("libc", EntryPoint = "link")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static extern int Link(byte[] existing, byte[] name);
}
