using System.IO.MemoryMappedFiles;
using System.Text;

namespace SessionCluster.Silo.Geo;

/// <summary>
/// The values of one section of a database file: whether each lies within it, ends, and is of a size and depth that a reader can bear.
/// What they mean is the reader's matter.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="begin">Where the section begins; pointers count from here.</param>
/// <param name="end">Where it ends.</param>
internal sealed class SectionCheck(MemoryMappedViewAccessor file, long begin, long end)
{
    /// <summary>Deepest nesting of maps, lists and pointers. Published databases have less than ten.</summary>
    public const int MaxDepth = 64;

    /// <summary>Most bytes, about, that one record takes when it is read. Published ones take a few thousand.</summary>
    public const long MaxSize = 1 << 20;

    /// <summary>About what a value takes beside its bytes.</summary>
    private const long Overhead = 32;

    /// <summary>What is known of the maps and lists that pointers lead to, of which each is looked at once.</summary>
    private readonly Dictionary<long, Shape> _shared = [];

    public long Begin => begin;

    public long End => end;

    /// <summary>Checks a value and all that it leads to.</summary>
    /// <exception cref="InvalidDataException">It is broken.</exception>
    public void Check(long at)
    {
        var shape = new Shape(0, 0);
        Walk(at, 1, ref shape);
    }

    /// <summary>A whole number in the map that the section begins with; null when there is none of this name.</summary>
    public long? Number(string name)
    {
        var (kind, size, at) = Control(begin);
        for (var i = 0L; kind == Kind.Map && i < size; i++)
        {
            var isIt = Text(ref at) == name;
            var (valueKind, length, value) = Control(at);
            if (isIt)
            {
                return valueKind is Kind.Uint16 or Kind.Uint32 or Kind.Uint64 ? Number(value, length) : null;
            }

            var shape = new Shape(0, 0);
            at = Walk(at, 1, ref shape);
        }

        return null;
    }

    /// <summary>Adds to the shape of what holds it, and gives the place behind it.</summary>
    private long Walk(long at, int depth, ref Shape shape)
    {
        var (kind, size, next) = Control(at);
        shape = shape.Larger(Overhead, depth);
        switch (kind)
        {
            case Kind.Pointer:
                Follow(at, Target(next, size), depth, ref shape);
                return next + PointerLength(size);
            case Kind.Map or Kind.List:
                // First, so that a size that cannot be ends here.
                shape = shape.Larger(size * Overhead, depth);
                Bear(at, shape);
                for (var i = 0L; i < size; i++)
                {
                    next = kind == Kind.Map ? WalkKey(next, depth, ref shape) : next;
                    next = Walk(next, depth + 1, ref shape);
                }

                return next;
            case Kind.Boolean:
                return size <= 1 ? next : throw Broken(at, $"a boolean of {size}");
            default:
                var isRight = kind switch
                {
                    Kind.Text or Kind.Bytes => true,
                    Kind.Double => size == 8,
                    Kind.Float => size == 4,
                    Kind.Uint16 => size <= 2,
                    Kind.Uint32 or Kind.Int32 => size <= 4,
                    Kind.Uint64 => size <= 8,
                    Kind.Uint128 => size <= 16,
                    _ => throw Broken(at, $"no value is of type {(int)kind}"),
                };
                shape = shape.Larger(2 * size, depth);
                Bear(at, shape);
                return isRight && size <= end - next ? next + size : throw Broken(at, $"a value of type {(int)kind} and {size} bytes runs past the end or is of no such size");
        }
    }

    /// <summary>The key of a map is a text, or a pointer to one.</summary>
    private long WalkKey(long at, int depth, ref Shape shape)
    {
        var (kind, size, next) = Control(at);
        return kind == Kind.Text || (kind == Kind.Pointer && Control(Target(next, size)).Kind == Kind.Text)
            ? Walk(at, depth, ref shape)
            : throw Broken(at, "the key of a map is no text");
    }

    private void Follow(long at, long target, int depth, ref Shape shape)
    {
        var (kind, _, _) = Control(target);
        if (kind == Kind.Pointer)
        {
            throw Broken(at, "a pointer leads to another pointer");
        }

        if (kind is not (Kind.Map or Kind.List))
        {
            Walk(target, depth, ref shape);
            return;
        }

        if (!_shared.TryGetValue(target, out var known))
        {
            // Its depth counts from itself, but it stands in what leads to it: so one that holds itself comes to the limit.
            known = new Shape(0, depth);
            Walk(target, depth + 1, ref known);
            known = known with { Depth = known.Depth - depth };
            _shared.Add(target, known);
        }

        shape = shape.Larger(known.Size, depth + known.Depth);
        Bear(at, shape);
    }

    /// <summary>Reads what stands before a value: its type, its size, and where it begins.</summary>
    private (Kind Kind, long Size, long Next) Control(long at)
    {
        var first = Byte(at++);
        var kind = (Kind)(first >> 5);
        if (kind == Kind.Extended)
        {
            var more = Byte(at++);
            kind = more > 0 ? (Kind)(7 + more) : throw Broken(at, "type 7 is not written so");
        }

        var size = first & 0x1FL;
        if (kind == Kind.Pointer || size < 29)
        {
            return (kind, size, at);
        }

        var bytes = (int)size - 28;
        var value = Number(at, bytes) + bytes switch { 1 => 29, 2 => 285, _ => 65_821 };
        return (kind, value, at + bytes);
    }

    private static int PointerLength(long size) => (int)(size >> 3) + 1;

    /// <summary>Where a pointer leads.</summary>
    private long Target(long at, long size)
    {
        var length = PointerLength(size);
        var offset = Number(at, length) + length switch
        {
            1 => (size & 7) << 8,
            2 => ((size & 7) << 16) + 2_048,
            3 => ((size & 7) << 24) + 526_336,
            _ => 0,
        };
        return offset < end - begin ? begin + offset : throw Broken(at, $"a pointer leads to {offset}, past the end of its section");
    }

    private string Text(ref long at)
    {
        var (kind, size, next) = Control(at);
        var (length, place) = (size, next);
        if (kind == Kind.Pointer)
        {
            (_, length, place) = Control(Target(next, size));
        }

        at = kind == Kind.Pointer ? next + PointerLength(size) : next + size;
        var bytes = new byte[length];
        file.ReadArray(place, bytes, 0, bytes.Length);
        return Encoding.UTF8.GetString(bytes);
    }

    private long Number(long at, long length)
    {
        var number = 0L;
        for (var i = 0; i < length; i++)
        {
            number = (number << 8) | Byte(at + i);
        }

        return number;
    }

    private byte Byte(long at) => at < end ? file.ReadByte(at) : throw Broken(at, "a value is cut off");

    private static void Bear(long at, Shape shape)
    {
        if (shape.Depth > MaxDepth)
        {
            throw Broken(at, $"values are nested more than {MaxDepth} deep, or hold themselves");
        }

        if (shape.Size > MaxSize)
        {
            throw Broken(at, "a record is too large to be one");
        }
    }

    private static InvalidDataException Broken(long at, string what) => new($"Broken at byte {at}: {what}.");

    /// <summary>The types of the format, by their numbers.</summary>
    private enum Kind
    {
        Extended = 0,
        Pointer = 1,
        Text = 2,
        Double = 3,
        Bytes = 4,
        Uint16 = 5,
        Uint32 = 6,
        Map = 7,
        Int32 = 8,
        Uint64 = 9,
        Uint128 = 10,
        List = 11,
        Boolean = 14,
        Float = 15,
    }

    /// <summary>About what a value takes when it is read, and how deep it goes.</summary>
    private readonly record struct Shape(long Size, int Depth)
    {
        public Shape Larger(long size, int depth) => new(Size + size, Math.Max(Depth, depth));
    }
}
