using System.Security.Cryptography;

namespace SessionCluster.Silo.Geo;

/// <summary>
/// What tells one state of a database file from another. Time and length alone miss a file that took the name of another with both
/// kept; its tail, where a database keeps its build time, does not. Links are followed, so a switched link is a change.
/// </summary>
internal readonly record struct FileStamp(DateTime LastWrite, long Length, string Tail)
{
    private const int TailSize = 4096;

    /// <exception cref="IOException">The file is missing, empty, a folder, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    /// <exception cref="ArgumentException">The path is none.</exception>
    public static FileStamp Read(string path)
    {
        var target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        if (Directory.Exists(target))
        {
            throw new IOException("The path is a folder, not a database file.");
        }

        // Asked before opening, because opening a pipe waits.
        if (new FileInfo(target).Length == 0)
        {
            throw new IOException("The file is empty.");
        }

        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var length = RandomAccess.GetLength(file);
        Span<byte> tail = stackalloc byte[TailSize];
        var read = RandomAccess.Read(file, tail, Math.Max(0, length - TailSize));
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(tail[..read], hash);
        return new FileStamp(File.GetLastWriteTimeUtc(file), length, Convert.ToHexString(hash));
    }
}
