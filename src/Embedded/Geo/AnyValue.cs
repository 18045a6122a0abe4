namespace SessionCluster.Embedded.Geo;

/// <summary>
/// Reads a whole value of any shape: maps become dictionaries, arrays lists, integers the .NET type of their width.
/// For whoever looks into a database whose shape is not known.
/// </summary>
internal static class AnyValue
{
    /// <summary>Deeper nesting than any published database has by far; recursion stops here.</summary>
    public const int MaxDepth = 64;

    /// <exception cref="InvalidDatabaseException">It is malformed, too deep or too large.</exception>
    public static object Read(ref RecordCursor cursor) => Read(ref cursor, 0);

    private static object Read(ref RecordCursor cursor, int depth)
    {
        if (depth > MaxDepth)
        {
            throw cursor.Broken($"values are nested more than {MaxDepth} deep");
        }

        var type = cursor.Peek();
        return type switch
        {
            ValueType.Map => Map(ref cursor, depth),
            ValueType.Array => List(ref cursor, depth),
            ValueType.Text => cursor.Text(),
            ValueType.Bytes => cursor.ByteString(),
            ValueType.UInt16 => (ushort)cursor.Unsigned(),
            ValueType.UInt32 => (uint)cursor.Unsigned(),
            ValueType.UInt64 => (ulong)cursor.Unsigned(),
            ValueType.UInt128 => cursor.Unsigned(),
            ValueType.Int32 => cursor.Int32(),
            ValueType.Double => cursor.Number(),
            ValueType.Float => (float)cursor.Number(),
            ValueType.Boolean => cursor.Boolean(),
            _ => throw cursor.Broken($"a value of the type {type}"),
        };
    }

    private static Dictionary<string, object> Map(ref RecordCursor cursor, int depth)
    {
        var map = cursor.Enter(ValueType.Map);
        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        for (var i = 0; i < map.Count; i++)
        {
            var key = cursor.Text();
            values[key] = Read(ref cursor, depth + 1);
        }

        cursor.Leave(map);
        return values;
    }

    private static List<object> List(ref RecordCursor cursor, int depth)
    {
        var array = cursor.Enter(ValueType.Array);
        var values = new List<object>();
        for (var i = 0; i < array.Count; i++)
        {
            values.Add(Read(ref cursor, depth + 1));
        }

        cursor.Leave(array);
        return values;
    }
}
