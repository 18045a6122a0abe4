namespace SessionCluster.Embedded.Geo;

/// <summary>
/// Finds and reads the metadata: a map after the last marker in the final 128 KiB of the file.
/// Source: MaxMind DB File Format Specification 2.0, "Database Metadata".
/// </summary>
internal static class MetadataSection
{
    /// <summary>The specification's limit, marker included.</summary>
    private const int MaxSize = 128 * 1024;

    private const long LastSecond = 253_402_300_799; // 9999-12-31T23:59:59Z

    private static ReadOnlySpan<byte> Marker => [0xAB, 0xCD, 0xEF, (byte)'M', (byte)'a', (byte)'x', (byte)'M', (byte)'i', (byte)'n', (byte)'d', (byte)'.', (byte)'c', (byte)'o', (byte)'m'];

    /// <returns>The metadata, and where its marker begins: there the data ends.</returns>
    /// <exception cref="InvalidDatabaseException">There is none, or it says what cannot be.</exception>
    public static (Metadata Metadata, int Start) Read(ReadOnlySpan<byte> file)
    {
        var from = Math.Max(0, file.Length - MaxSize);
        var found = file[from..].LastIndexOf(Marker);
        if (found < 0)
        {
            throw new InvalidDatabaseException(
                $"No metadata marker in the last {file.Length - from} of {file.Length} bytes: not a MaxMind DB, or one that is cut off.");
        }

        var marker = from + found;
        var start = marker + Marker.Length;
        var cursor = new RecordCursor(file[start..], 0, start);
        var metadata = Fields(ref cursor);
        Check(metadata, marker);
        return (metadata, marker);
    }

    private static Metadata Fields(ref RecordCursor cursor)
    {
        long major = -1, minor = 0, epoch = 0, nodes = -1, version = -1, record = -1;
        string? type = null;
        IDictionary<string, string> description = new Dictionary<string, string>();
        IReadOnlyList<string> languages = [];
        var map = cursor.Enter(ValueType.Map);
        for (var i = 0; i < map.Count; i++)
        {
            var key = cursor.Text();
            switch (key)
            {
                case "binary_format_major_version": major = cursor.Integer(); break;
                case "binary_format_minor_version": minor = cursor.Integer(); break;
                case "build_epoch": epoch = cursor.Integer(); break;
                case "node_count": nodes = cursor.Integer(); break;
                case "ip_version": version = cursor.Integer(); break;
                case "record_size": record = cursor.Integer(); break;
                case "database_type": type = cursor.Text(); break;
                case "description": description = RecordShapes.Names(ref cursor); break;
                case "languages": languages = Languages(ref cursor); break;
                default: cursor.Skip(); break;
            }
        }

        Require(major == 2, "binary_format_major_version", major, "2");
        Require(minor is >= 0 and <= ushort.MaxValue, "binary_format_minor_version", minor, "a 16-bit number");
        Require(epoch is >= 0 and <= LastSecond, "build_epoch", epoch, "a time up to the year 9999");
        Require(nodes is > 0 and <= uint.MaxValue, "node_count", nodes, "1 or more");
        Require(version is 4 or 6, "ip_version", version, "4 or 6");
        Require(record is 24 or 28 or 32, "record_size", record, "24, 28 or 32");
        return new Metadata
        {
            BinaryFormatMajorVersion = (int)major,
            BinaryFormatMinorVersion = (int)minor,
            BuildEpoch = epoch,
            DatabaseType = type ?? throw new InvalidDatabaseException("The metadata has no database_type."),
            Description = description,
            IPVersion = (int)version,
            Languages = languages,
            NodeCount = nodes,
            RecordSize = (int)record,
        };
    }

    private static List<string> Languages(ref RecordCursor cursor)
    {
        var array = cursor.Enter(ValueType.Array);
        var languages = new List<string>();
        for (var i = 0; i < array.Count; i++)
        {
            languages.Add(cursor.Text());
        }

        cursor.Leave(array);
        return languages;
    }

    private static void Require(bool holds, string field, long value, string wanted)
    {
        if (!holds)
        {
            throw new InvalidDatabaseException(value == -1
                ? $"The metadata has no {field}."
                : $"The metadata says {field} is {value}; it must be {wanted}.");
        }
    }

    private static void Check(Metadata metadata, int marker)
    {
        if (metadata.TreeSize + SearchTree.SeparatorSize > marker)
        {
            throw new InvalidDatabaseException(
                $"The metadata says {metadata.NodeCount} nodes of {metadata.RecordSize / 4} bytes, more than the {marker} bytes before the metadata.");
        }
    }
}
