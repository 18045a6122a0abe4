namespace SessionCluster.Embedded.Geo;

/// <summary>Types of values; the numbers are the format's.</summary>
internal enum ValueType
{
    Pointer = 1,
    Text = 2,
    Double = 3,
    Bytes = 4,
    UInt16 = 5,
    UInt32 = 6,
    Map = 7,
    Int32 = 8,
    UInt64 = 9,
    UInt128 = 10,
    Array = 11,
    Boolean = 14,
    Float = 15,
}

/// <summary>The beginning of a value.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Size">Bytes of payload, elements of a container, a boolean itself, or the target of a pointer.</param>
/// <param name="Start">Where its payload begins; what follows a pointer.</param>
/// <param name="Resume">Where reading goes on after it when a pointer led here, else -1.</param>
internal readonly record struct ValueHeader(ValueType Type, int Size, int Start, int Resume);

/// <summary>
/// A run of encoded values: the data section or the metadata. No read leaves it.
/// Source: MaxMind DB File Format Specification 2.0, "Data Field Format".
/// </summary>
/// <param name="bytes">The section; pointers count from its start.</param>
/// <param name="fileOffset">Where it begins in the file, for messages.</param>
internal readonly ref struct DataSection(ReadOnlySpan<byte> bytes, int fileOffset)
{
    private readonly int _fileOffset = fileOffset;

    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    public int Length => Bytes.Length;

    /// <summary>Reads the control byte at an offset with what belongs to it.</summary>
    public ValueHeader Header(int at)
    {
        var control = At(at, at);
        var type = control >> 5;
        if (type == (int)ValueType.Pointer)
        {
            return ReadPointer(control, at);
        }

        var next = at + 1;
        if (type == 0)
        {
            type = 7 + At(next++, at);
            if (type is < 8 or 12 or 13 or > 15)
            {
                throw Broken(at, $"a value of the type {type}, which data cannot have");
            }
        }

        var size = control & 0x1F;
        if (size >= 29)
        {
            var length = size - 28;
            var more = 0;
            for (var i = 0; i < length; i++)
            {
                more = (more << 8) | At(next++, at);
            }

            size = more + (length switch { 1 => 29, 2 => 285, _ => 65_821 });
        }

        return new ValueHeader((ValueType)type, size, next, -1);
    }

    private ValueHeader ReadPointer(int control, int at)
    {
        var length = ((control >> 3) & 3) + 1;
        long target = length == 4 ? 0 : control & 7;
        for (var i = 1; i <= length; i++)
        {
            target = (target << 8) | At(at + i, at);
        }

        target += length switch { 2 => 2_048, 3 => 526_336, _ => 0 };
        if (target >= Bytes.Length)
        {
            throw Broken(at, $"a pointer to {target}, past the end of its section of {Bytes.Length} bytes");
        }

        return new ValueHeader(ValueType.Pointer, (int)target, at + 1 + length, -1);
    }

    public InvalidDatabaseException Broken(int at, string what) => new(Message(at, what));

    public string Message(int at, string what) => $"Broken at byte {(long)_fileOffset + at}: {what}.";

    private byte At(int index, int value) =>
        (uint)index < (uint)Bytes.Length ? Bytes[index] : throw Broken(value, "a value is cut off at the end of its section");
}
