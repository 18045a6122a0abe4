using System.Buffers.Binary;

namespace SessionCluster.Embedded.Geo;

/// <summary>
/// The binary tree from address bits to data offsets, which begins the file. Records below the node count are nodes, equal to it
/// "nothing", above it data. Looking up allocates nothing and takes at most as many steps as the address has bits.
/// Source: MaxMind DB File Format Specification 2.0, "Binary Search Tree Section".
/// </summary>
internal sealed class SearchTree
{
    /// <summary>Zero bytes between tree and data.</summary>
    public const int SeparatorSize = 16;

    /// <summary>No record for the address.</summary>
    public const int None = -1;

    private const int IPv4Bits = 32;
    private const int IPv4Depth = 96;

    private readonly uint _nodeCount;
    private readonly int _recordSize;
    private readonly int _nodeSize;
    private readonly int _dataLength;
    private readonly bool _holdsIPv6;
    private readonly uint _ipv4Root;

    /// <summary>Checks the tree whole, so that a file with a broken one is refused at once, not at some later address.</summary>
    /// <exception cref="InvalidDatabaseException">A record leads nowhere, or there is no separator.</exception>
    public SearchTree(ReadOnlySpan<byte> file, Metadata metadata, int dataEnd)
    {
        _nodeCount = (uint)metadata.NodeCount;
        _recordSize = metadata.RecordSize;
        _nodeSize = _recordSize / 4;
        DataStart = (int)metadata.TreeSize + SeparatorSize;
        _dataLength = dataEnd - DataStart;
        _holdsIPv6 = metadata.IPVersion == 6;
        if (file.Slice((int)metadata.TreeSize, SeparatorSize).IndexOfAnyExcept((byte)0) is var odd and >= 0)
        {
            throw new InvalidDatabaseException($"Broken at byte {metadata.TreeSize + odd}: the separator of tree and data is not zero.");
        }

        for (uint node = 0; node < _nodeCount; node++)
        {
            CheckRecord(node, Record(file, node, 0));
            CheckRecord(node, Record(file, node, 1));
        }

        _ipv4Root = FindIPv4Root(file);
    }

    /// <summary>Where the data section begins in the file.</summary>
    public int DataStart { get; }

    /// <summary>The offset of an address' record within the data section, or <see cref="None"/>.</summary>
    /// <param name="file">The file.</param>
    /// <param name="address">4 or 16 bytes. An IPv6 address is in no database of IPv4.</param>
    /// <param name="prefixLength">Length of the network found, in bits of this address.</param>
    /// <exception cref="InvalidDatabaseException">The address' path does not end.</exception>
    public int Find(ReadOnlySpan<byte> file, ReadOnlySpan<byte> address, out int prefixLength)
    {
        prefixLength = 0;
        var bits = address.Length * 8;
        if (bits > IPv4Bits && !_holdsIPv6)
        {
            return None;
        }

        var record = bits == IPv4Bits ? _ipv4Root : 0;
        for (; prefixLength < bits && record < _nodeCount; prefixLength++)
        {
            record = Record(file, record, (address[prefixLength >> 3] >> (7 - (prefixLength & 7))) & 1);
        }

        if (record < _nodeCount)
        {
            throw new InvalidDatabaseException(
                $"Broken at byte {(long)record * _nodeSize}: a path of the search tree goes on past the last bit of its address.");
        }

        return record == _nodeCount ? None : (int)(record - _nodeCount) - SeparatorSize;
    }

    private uint Record(ReadOnlySpan<byte> file, uint node, int side)
    {
        var bytes = file.Slice((int)(node * (long)_nodeSize), _nodeSize);
        switch (_recordSize)
        {
            case 24:
                var three = bytes[(side * 3)..];
                return (uint)((three[0] << 16) | (three[1] << 8) | three[2]);
            case 28:
                // The middle byte holds the upper four bits of both: left in its upper half, right in its lower.
                return side == 0
                    ? (uint)(((bytes[3] & 0xF0) << 20) | (bytes[0] << 16) | (bytes[1] << 8) | bytes[2])
                    : BinaryPrimitives.ReadUInt32BigEndian(bytes[3..]) & 0x0FFF_FFFF;
            default:
                return BinaryPrimitives.ReadUInt32BigEndian(bytes[(side * 4)..]);
        }
    }

    private void CheckRecord(uint node, uint record)
    {
        if (record > _nodeCount && (record - _nodeCount < SeparatorSize || record - _nodeCount - SeparatorSize >= _dataLength))
        {
            throw new InvalidDatabaseException(
                $"Broken at byte {(long)node * _nodeSize}: node {node} leads to record {record}, outside of {_nodeCount} nodes and {_dataLength} bytes of data.");
        }
    }

    /// <summary>IPv4 is the 96 zero bits of an IPv6 tree; a tree may end before.</summary>
    private uint FindIPv4Root(ReadOnlySpan<byte> file)
    {
        uint record = 0;
        for (var i = 0; _holdsIPv6 && i < IPv4Depth && record < _nodeCount; i++)
        {
            record = Record(file, record, 0);
        }

        return record;
    }
}
