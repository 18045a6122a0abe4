using System.IO.MemoryMappedFiles;

namespace SessionCluster.Silo.Geo;

/// <summary>
/// Looks over a database file before the reader gets it: the metadata, the whole tree, and every value that the tree leads to. The
/// reader follows a value however deep it goes, and one that holds itself ends the process by a stack overflow, which nothing can
/// catch; a size that is wrong makes it allocate gigabytes. One flipped bit is enough for either. The format is MaxMind's, version 2.0.
/// </summary>
internal sealed class DatabaseCheck
{
    /// <summary>The metadata are within so many bytes of the file's end; the format says so.</summary>
    private const int MetadataWithin = 128 * 1024;

    /// <summary>Zeros between the tree and the values.</summary>
    private const int Separator = 16;

    private const int Block = 1 << 20;

    /// <summary>The last second of the year 9999, since 1970.</summary>
    private const long LastSecond = 253_402_300_799;

    private static readonly byte[] Marker = [0xAB, 0xCD, 0xEF, .. "MaxMind.com"u8];

    private readonly MemoryMappedViewAccessor _file;

    private readonly long _length;

    private DatabaseCheck(MemoryMappedViewAccessor file, long length) => (_file, _length) = (file, length);

    /// <exception cref="InvalidDataException">The file is no sound database; the message says why.</exception>
    public static void Run(string path)
    {
        var length = new FileInfo(path).Length;
        if (length == 0)
        {
            throw new InvalidDataException("The file is empty.");
        }

        using var mapped = MemoryMappedFile.CreateFromFile(path, FileMode.Open, mapName: null, 0, MemoryMappedFileAccess.Read);
        using var file = mapped.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        new DatabaseCheck(file, length).Run();
    }

    private void Run()
    {
        var marker = FindMarker();
        var metadata = new SectionCheck(_file, marker + Marker.Length, _length);
        metadata.Check(metadata.Begin);
        Expect("binary_format_major_version", metadata.Number("binary_format_major_version"), static version => version == 2);
        Expect("ip_version", metadata.Number("ip_version"), static version => version is 4 or 6);
        Expect("build_epoch", metadata.Number("build_epoch"), static seconds => seconds is >= 0 and <= LastSecond);
        var recordSize = Expect("record_size", metadata.Number("record_size"), static bits => bits is 24 or 28 or 32);
        // Each node has two records.
        var nodeSize = recordSize / 4;
        var nodes = Expect("node_count", metadata.Number("node_count"), count => count > 0 && count <= (marker - Separator) / nodeSize);
        var tree = nodes * nodeSize;
        for (var at = tree; at < tree + Separator; at++)
        {
            if (_file.ReadByte(at) != 0)
            {
                throw new InvalidDataException($"Broken at byte {at}: the separator between tree and data is not zero.");
            }
        }

        CheckTree(nodes, (int)recordSize, new SectionCheck(_file, tree + Separator, marker));
    }

    private static long Expect(string field, long? value, Func<long, bool> isRight) => value is { } number && isRight(number)
        ? number
        : throw new InvalidDataException(value is null ? $"The metadata have no {field}." : $"The metadata's {field} is {value}, which cannot be.");

    private void CheckTree(long nodes, int recordSize, SectionCheck data)
    {
        // One bit for each byte of the data: records share values, and each is looked at once.
        var seen = new ulong[((data.End - data.Begin) / 64) + 1];
        var nodeSize = recordSize / 4;
        var buffer = new byte[Math.Min(Block / nodeSize, nodes) * nodeSize];
        for (long node = 0; node < nodes;)
        {
            var count = _file.ReadArray(node * nodeSize, buffer, 0, (int)Math.Min(buffer.Length, (nodes - node) * nodeSize)) / nodeSize;
            for (var i = 0; i < count; i++, node++)
            {
                var bytes = buffer.AsSpan(i * nodeSize, nodeSize);
                CheckRecord(node, Left(bytes, recordSize), nodes, data, seen);
                CheckRecord(node, Right(bytes, recordSize), nodes, data, seen);
            }
        }
    }

    private static void CheckRecord(long node, long record, long nodes, SectionCheck data, ulong[] seen)
    {
        // Up to the count of nodes it is another node, or none.
        if (record <= nodes)
        {
            return;
        }

        var offset = record - nodes - Separator;
        if (offset < 0 || data.Begin + offset >= data.End)
        {
            throw new InvalidDataException($"Node {node} of the tree leads to {record}, where there is neither a node nor data.");
        }

        ref var bits = ref seen[offset / 64];
        var bit = 1UL << (int)(offset % 64);
        if ((bits & bit) == 0)
        {
            bits |= bit;
            data.Check(data.Begin + offset);
        }
    }

    private static long Left(ReadOnlySpan<byte> node, int recordSize) => recordSize switch
    {
        24 => (node[0] << 16) | (node[1] << 8) | node[2],
        28 => ((node[3] & 0xF0L) << 20) | (long)((node[0] << 16) | (node[1] << 8) | node[2]),
        _ => (uint)((node[0] << 24) | (node[1] << 16) | (node[2] << 8) | node[3]),
    };

    private static long Right(ReadOnlySpan<byte> node, int recordSize) => recordSize switch
    {
        24 => (node[3] << 16) | (node[4] << 8) | node[5],
        28 => ((node[3] & 0x0FL) << 24) | (long)((node[4] << 16) | (node[5] << 8) | node[6]),
        _ => (uint)((node[4] << 24) | (node[5] << 16) | (node[6] << 8) | node[7]),
    };

    /// <summary>Where the last marker begins.</summary>
    private long FindMarker()
    {
        var tail = new byte[Math.Min(_length, MetadataWithin)];
        _file.ReadArray(_length - tail.Length, tail, 0, tail.Length);
        var at = tail.AsSpan().LastIndexOf(Marker);
        return at >= 0
            ? _length - tail.Length + at
            : throw new InvalidDataException($"No metadata marker in the last {tail.Length} of {_length} bytes: not a MaxMind DB, or one that is cut off.");
    }
}
