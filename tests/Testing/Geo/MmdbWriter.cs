using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace SessionCluster.Testing.Geo;

/// <summary>Writes MaxMind DB files: the tree in any record size, the data through <see cref="MmdbData"/>.</summary>
internal sealed class MmdbWriter(string databaseType = "Test", int recordSize = 24, int ipVersion = 6)
{
    private const int Empty = -1;
    private const int FirstData = int.MinValue / 2;

    private readonly List<int[]> _nodes = [[Empty, Empty]];

    /// <summary>The data section; values may be put into it directly, for later pointers.</summary>
    public MmdbData Data { get; } = new();

    public Dictionary<string, object> Metadata { get; } = new()
    {
        ["binary_format_major_version"] = (ushort)2,
        ["binary_format_minor_version"] = (ushort)0,
        ["build_epoch"] = 1_770_245_369UL,
        ["database_type"] = databaseType,
        ["description"] = new Dictionary<string, object> { ["en"] = "Written by a test" },
        ["ip_version"] = (ushort)ipVersion,
        ["languages"] = new List<object> { "en" },
        ["record_size"] = (ushort)recordSize,
    };

    /// <summary>Adds a record for a network in CIDR form, over what is there.</summary>
    public MmdbWriter Add(string network, object value)
    {
        var offset = Data.Length;
        Data.Write(value);
        return AddOffset(network, offset);
    }

    /// <summary>Adds a network whose record is already in the data section.</summary>
    public MmdbWriter AddOffset(string network, int offset)
    {
        var (bits, length) = Path(network);
        var node = 0;
        for (var i = 0; i < length - 1; i++)
        {
            ref var next = ref _nodes[node][Bit(bits, i)];
            if (next < 0)
            {
                // What covered the whole network now covers both halves.
                _nodes.Add([next, next]);
                next = _nodes.Count - 1;
            }

            node = next;
        }

        _nodes[node][Bit(bits, length - 1)] = FirstData + offset;
        return this;
    }

    /// <summary>Makes a network lead to the node of another, as published files do for IPv4-mapped addresses.</summary>
    public MmdbWriter Alias(string network, string target)
    {
        var (bits, length) = Path(target);
        var to = 0;
        for (var i = 0; i < length; i++)
        {
            to = _nodes[to][Bit(bits, i)];
        }

        AddOffset(network, 0);
        (bits, length) = Path(network);
        var node = 0;
        for (var i = 0; i < length - 1; i++)
        {
            node = _nodes[node][Bit(bits, i)];
        }

        _nodes[node][Bit(bits, length - 1)] = to;
        return this;
    }

    public byte[] ToBytes()
    {
        var metadata = new MmdbData();
        var fields = new Dictionary<string, object>(Metadata);
        fields.TryAdd("node_count", (uint)_nodes.Count);
        metadata.Write(fields);
        return [.. Tree(), .. new byte[16], .. Data.ToArray(), 0xAB, 0xCD, 0xEF, .. "MaxMind.com"u8, .. metadata.ToArray()];
    }

    private static int Bit(byte[] bits, int i) => (bits[i / 8] >> (7 - (i % 8))) & 1;

    private (byte[] Bits, int Length) Path(string network)
    {
        var parts = network.Split('/');
        var bytes = IPAddress.Parse(parts[0]).GetAddressBytes();
        var length = int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture);
        return bytes.Length == 4 && ipVersion == 6 ? ([.. new byte[12], .. bytes], length + 96) : (bytes, length);
    }

    private byte[] Tree()
    {
        using var tree = new MemoryStream();
        Span<byte> both = stackalloc byte[8];
        foreach (var node in _nodes)
        {
            uint left = Record(node[0]), right = Record(node[1]);
            switch (recordSize)
            {
                case 24:
                    tree.Write([(byte)(left >> 16), (byte)(left >> 8), (byte)left, (byte)(right >> 16), (byte)(right >> 8), (byte)right]);
                    break;
                case 28:
                    tree.Write([(byte)(left >> 16), (byte)(left >> 8), (byte)left, (byte)(((left >> 20) & 0xF0) | (right >> 24)), (byte)(right >> 16), (byte)(right >> 8), (byte)right]);
                    break;
                default:
                    BinaryPrimitives.WriteUInt32BigEndian(both, left);
                    BinaryPrimitives.WriteUInt32BigEndian(both[4..], right);
                    tree.Write(both);
                    break;
            }
        }

        return tree.ToArray();
    }

    private uint Record(int child) => (uint)_nodes.Count + child switch
    {
        >= 0 => (uint)(child - _nodes.Count),
        Empty => 0,
        _ => (uint)(child - FirstData + 16),
    };
}

/// <summary>A pointer to an offset of the data section, in a form of 1 to 4 bytes.</summary>
internal sealed record Pointer(int Target, int Form = 4);

/// <summary>Bytes that stand for themselves.</summary>
internal sealed record Raw(params byte[] Bytes);

/// <summary>Writes values in the data format; .NET types give the types of the format.</summary>
internal sealed class MmdbData
{
    private readonly MemoryStream _out = new();

    public int Length => (int)_out.Length;

    public byte[] ToArray() => _out.ToArray();

    public int Write(object value)
    {
        var start = Length;
        switch (value)
        {
            case Raw raw: _out.Write(raw.Bytes); break;
            case Pointer pointer: WritePointer(pointer); break;
            case string text: Payload(2, Encoding.UTF8.GetBytes(text)); break;
            case double number: Payload(3, BitConverter.GetBytes(number).Reverse()); break;
            case byte[] bytes: Payload(4, bytes); break;
            case ushort number: Payload(5, Short(number)); break;
            case uint number: Payload(6, Short(number)); break;
            case int number: Payload(8, BitConverter.GetBytes(number).Reverse()); break;
            case ulong number: Payload(9, Short(number)); break;
            case UInt128 number: Payload(10, Short(number)); break;
            case bool flag: Control(14, flag ? 1 : 0); break;
            case float number: Payload(15, BitConverter.GetBytes(number).Reverse()); break;
            case IReadOnlyCollection<KeyValuePair<string, object>> map:
                Control(7, map.Count);
                foreach (var (key, item) in map)
                {
                    Write(key);
                    Write(item);
                }

                break;
            case IReadOnlyCollection<object> list:
                Control(11, list.Count);
                foreach (var item in list)
                {
                    Write(item);
                }

                break;
            default:
                throw new ArgumentException($"No type for {value.GetType()}.", nameof(value));
        }

        return start;
    }

    public void Control(int type, int size)
    {
        var (low, more) = size switch
        {
            < 29 => (size, Array.Empty<byte>()),
            < 285 => (29, [(byte)(size - 29)]),
            < 65_821 => (30, [(byte)((size - 285) >> 8), (byte)(size - 285)]),
            _ => (31, new[] { (byte)((size - 65_821) >> 16), (byte)((size - 65_821) >> 8), (byte)(size - 65_821) }),
        };
        _out.WriteByte((byte)((type < 8 ? type << 5 : 0) | low));
        if (type > 7)
        {
            _out.WriteByte((byte)(type - 7));
        }

        _out.Write(more);
    }

    private static List<byte> Short(UInt128 number)
    {
        var bytes = new List<byte>();
        for (; number > 0; number >>= 8)
        {
            bytes.Insert(0, (byte)number);
        }

        return bytes;
    }

    private void Payload(int type, IEnumerable<byte> bytes)
    {
        var all = bytes.ToArray();
        Control(type, all.Length);
        _out.Write(all);
    }

    private void WritePointer(Pointer pointer)
    {
        var rest = pointer.Target - pointer.Form switch { 2 => 2_048, 3 => 526_336, _ => 0 };
        var high = pointer.Form == 4 ? 0 : rest >> (8 * pointer.Form);
        if (rest < 0 || high > 7)
        {
            throw new ArgumentException($"{pointer.Target} has no form of {pointer.Form}.", nameof(pointer));
        }

        _out.WriteByte((byte)(0x20 | ((pointer.Form - 1) << 3) | high));
        for (var i = pointer.Form - 1; i >= 0; i--)
        {
            _out.WriteByte((byte)(rest >> (8 * i)));
        }
    }
}
