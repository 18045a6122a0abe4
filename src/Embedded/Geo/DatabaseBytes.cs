using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace SessionCluster.Embedded.Geo;

/// <summary>
/// The bytes of one database file, in memory or mapped, never changed, at most 2 GiB - 1 byte. All access goes through a span, so
/// every read is checked against the size the file had when it was opened. A mapping is counted: disposing while look-ups run is
/// safe, the last of them unmaps. A file replaced by rename leaves a mapping untouched: it keeps the old file alive.
/// </summary>
internal sealed class DatabaseBytes : IDisposable
{
    /// <summary>Spans count in int; the largest published database is a tenth of this.</summary>
    private const long MaxLength = int.MaxValue;

    private readonly byte[]? _memory;
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly int _length;
    private volatile bool _disposed;

    private DatabaseBytes(byte[] memory)
    {
        _memory = memory;
        _length = memory.Length;
    }

    private DatabaseBytes(MemoryMappedFile file, MemoryMappedViewAccessor view, int length)
    {
        _file = file;
        _view = view;
        _length = length;
    }

    /// <exception cref="InvalidDatabaseException">It is a folder, empty or too large.</exception>
    /// <exception cref="IOException">It cannot be read, or is missing.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static DatabaseBytes Open(string path, FileAccessMode mode)
    {
        // Opening a pipe would wait for its writer, and opening a folder is reported as a matter of rights: look first.
        var target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        if (Directory.Exists(target))
        {
            throw new InvalidDatabaseException("The path is a folder, not a database file.");
        }

        CheckLength(new FileInfo(target).Length);
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        if (mode == FileAccessMode.MemoryMapped)
        {
            return Map(stream);
        }

        using (stream)
        {
            return Read(stream);
        }
    }

    /// <summary>Reads a stream from where it stands to its end.</summary>
    public static DatabaseBytes Read(Stream stream)
    {
        byte[] bytes;
        if (stream.CanSeek)
        {
            var length = stream.Length - stream.Position;
            CheckLength(length);
            bytes = new byte[length];
            var read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (read < bytes.Length)
            {
                throw new InvalidDatabaseException($"The file ended at byte {read} of {bytes.Length} while it was read.");
            }
        }
        else
        {
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            CheckLength(copy.Length);
            bytes = copy.ToArray();
        }

        return new DatabaseBytes(bytes);
    }

    /// <summary>Takes hold of the bytes until the returned value is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The database is closed.</exception>
    public Hold Take()
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(DatabaseReader));
        return new Hold(this);
    }

    public void Dispose()
    {
        _disposed = true;
        _view?.Dispose();
        _file?.Dispose();
    }

    private static DatabaseBytes Map(FileStream stream)
    {
        MemoryMappedFile? file = null;
        try
        {
            var length = stream.Length;
            CheckLength(length);
            file = MemoryMappedFile.CreateFromFile(stream, mapName: null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            return new DatabaseBytes(file, file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read), (int)length);
        }
        catch
        {
            file?.Dispose();
            stream.Dispose();
            throw;
        }
    }

    private static void CheckLength(long length)
    {
        if (length == 0)
        {
            throw new InvalidDatabaseException("The file is empty.");
        }

        if (length > MaxLength)
        {
            throw new InvalidDatabaseException($"The file has {length} bytes; at most {MaxLength} are supported.");
        }
    }

    /// <summary>The bytes, held open.</summary>
    internal readonly ref struct Hold
    {
        private readonly SafeMemoryMappedViewHandle? _view;

        public Hold(DatabaseBytes owner)
        {
            if (owner._view?.SafeMemoryMappedViewHandle is not { } view)
            {
                Bytes = owner._memory;
                return;
            }

            var added = false;
            view.DangerousAddRef(ref added);
            _view = view;
            unsafe
            {
                Bytes = new ReadOnlySpan<byte>((void*)view.DangerousGetHandle(), owner._length);
            }
        }

        public ReadOnlySpan<byte> Bytes { get; }

        public void Dispose() => _view?.DangerousRelease();
    }
}
