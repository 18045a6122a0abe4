using System.Buffers.Binary;
using System.Text;

namespace SessionCluster.Embedded.Geo;

/// <summary>
/// Walks the values of a data section (or of the metadata) without allocating. Every read is bounded by the section; a pointer may
/// not lead to a pointer; and one walk has a budget, so that maps that point at each other end in an exception, not in a hang.
/// Source: MaxMind DB File Format Specification 2.0, "Output Data Section".
/// </summary>
/// <param name="section">The section; pointers count from its start.</param>
/// <param name="position">Where the first value begins.</param>
/// <param name="fileOffset">Where the section begins in the file, for messages.</param>
internal ref struct RecordCursor(ReadOnlySpan<byte> section, int position, int fileOffset)
{
    /// <summary>Values visited plus bytes of text and bytes taken out: published records cost a small part of it.</summary>
    public const int Budget = 1 << 20;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly DataSection _section = new(section, fileOffset);
    private int _position = position;
    private int _budget = Budget;

    /// <summary>A map or array that has been entered.</summary>
    /// <param name="Type">Map or Array.</param>
    /// <param name="Count">Number of pairs or of elements.</param>
    /// <param name="Resume">Where reading goes on after it when a pointer led here, else -1.</param>
    public readonly record struct Container(ValueType Type, int Count, int Resume);

    /// <summary>The type of the next value, a pointer followed.</summary>
    public readonly ValueType Peek()
    {
        var ahead = this;
        return ahead.Next().Type;
    }

    public Container Enter(ValueType type)
    {
        var header = Next();
        if (header.Type != type)
        {
            throw Unexpected(header, type == ValueType.Map ? "a map" : "an array");
        }

        // Each element takes a byte at least, each pair two: a size that lies is found before anything is made of it.
        var left = _section.Length - header.Start;
        if (header.Size > (type == ValueType.Map ? left / 2 : left))
        {
            throw _section.Broken(header.Start, $"a size of {header.Size} elements does not fit into the {left} bytes that follow");
        }

        _position = header.Start;
        return new Container(type, header.Size, header.Resume);
    }

    /// <summary>Ends a container whose elements have all been read or skipped.</summary>
    public void Leave(Container container)
    {
        if (container.Resume >= 0)
        {
            _position = container.Resume;
        }
    }

    /// <summary>The next value as the UTF-8 bytes of a map key.</summary>
    public ReadOnlySpan<byte> Key()
    {
        var header = Next();
        if (header.Type != ValueType.Text)
        {
            throw Unexpected(header, "text as the key of a map");
        }

        return Payload(header);
    }

    public string Text()
    {
        var header = Next();
        if (header.Type != ValueType.Text)
        {
            throw Unexpected(header, "text");
        }

        var bytes = Payload(header);
        Spend(bytes.Length, header.Start);
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDatabaseException(_section.Message(header.Start, "a text is not UTF-8"), e);
        }
    }

    public byte[] ByteString()
    {
        var header = Next();
        if (header.Type != ValueType.Bytes)
        {
            throw Unexpected(header, "bytes");
        }

        var bytes = Payload(header);
        Spend(bytes.Length, header.Start);
        return bytes.ToArray();
    }

    /// <summary>Any of the unsigned types.</summary>
    public UInt128 Unsigned()
    {
        var header = Next();
        var widest = header.Type switch
        {
            ValueType.UInt16 => 2,
            ValueType.UInt32 => 4,
            ValueType.UInt64 => 8,
            ValueType.UInt128 => 16,
            _ => throw Unexpected(header, "an unsigned integer"),
        };
        return BigEndian(header, widest);
    }

    public int Int32()
    {
        var header = Next();
        if (header.Type != ValueType.Int32)
        {
            throw Unexpected(header, "a 32-bit integer");
        }

        return unchecked((int)(uint)BigEndian(header, 4));
    }

    /// <summary>Any integer that fits a long.</summary>
    public long Integer()
    {
        var at = _position;
        if (Peek() == ValueType.Int32)
        {
            return Int32();
        }

        var value = Unsigned();
        return value <= long.MaxValue ? (long)value : throw _section.Broken(at, $"the number {value} is too large here");
    }

    /// <summary>A double or a float.</summary>
    public double Number()
    {
        var header = Next();
        switch (header.Type)
        {
            case ValueType.Double when header.Size == 8:
                return BinaryPrimitives.ReadDoubleBigEndian(Payload(header));
            case ValueType.Float when header.Size == 4:
                return BinaryPrimitives.ReadSingleBigEndian(Payload(header));
            case ValueType.Double or ValueType.Float:
                throw _section.Broken(header.Start, $"a {header.Type} of {header.Size} bytes");
            default:
                throw Unexpected(header, "a floating-point number");
        }
    }

    public bool Boolean()
    {
        var header = Next();
        if (header.Type != ValueType.Boolean)
        {
            throw Unexpected(header, "a boolean");
        }

        if (header.Size > 1)
        {
            throw _section.Broken(header.Start, $"a boolean of {header.Size}");
        }

        _position = header.Resume >= 0 ? header.Resume : header.Start;
        return header.Size == 1;
    }

    /// <summary>Passes over one value with all it holds; pointers in it are not followed.</summary>
    public void Skip()
    {
        for (long left = 1; left > 0; left--)
        {
            Spend(1, _position);
            var header = _section.Header(_position);
            switch (header.Type)
            {
                case ValueType.Map:
                    left += 2L * header.Size;
                    _position = header.Start;
                    break;
                case ValueType.Array:
                    left += header.Size;
                    _position = header.Start;
                    break;
                case ValueType.Pointer or ValueType.Boolean:
                    _position = header.Start;
                    break;
                default:
                    Payload(header);
                    break;
            }
        }
    }

    public readonly InvalidDatabaseException Broken(string what) => _section.Broken(_position, what);

    /// <summary>Reads the header of the next value; a pointer is followed, once.</summary>
    private ValueHeader Next()
    {
        Spend(1, _position);
        var header = _section.Header(_position);
        if (header.Type != ValueType.Pointer)
        {
            return header;
        }

        var target = _section.Header(header.Size);
        if (target.Type == ValueType.Pointer)
        {
            throw _section.Broken(_position, "a pointer leads to another pointer");
        }

        return target with { Resume = header.Start };
    }

    private static UInt128 ReadBigEndian(ReadOnlySpan<byte> bytes)
    {
        UInt128 value = 0;
        foreach (var b in bytes)
        {
            value = (value << 8) | b;
        }

        return value;
    }

    private UInt128 BigEndian(ValueHeader header, int widest)
    {
        if (header.Size > widest)
        {
            throw _section.Broken(header.Start, $"a {header.Type} of {header.Size} bytes");
        }

        return ReadBigEndian(Payload(header));
    }

    /// <summary>The bytes of a value; reading goes on after it.</summary>
    private ReadOnlySpan<byte> Payload(ValueHeader header)
    {
        if (header.Size > _section.Length - header.Start)
        {
            throw _section.Broken(header.Start, $"a {header.Type} of {header.Size} bytes runs past the end of its section");
        }

        _position = header.Resume >= 0 ? header.Resume : header.Start + header.Size;
        return _section.Bytes.Slice(header.Start, header.Size);
    }

    private void Spend(int cost, int at)
    {
        _budget -= cost;
        if (_budget < 0)
        {
            throw _section.Broken(at, $"a record holds more than {Budget} values and bytes of text");
        }
    }

    private readonly InvalidDatabaseException Unexpected(ValueHeader header, string wanted) =>
        _section.Broken(header.Start, $"{wanted} was expected, not {header.Type}");
}
