using System.Net;

namespace SessionCluster.Embedded.Geo;

/// <summary>
/// Reads MaxMind DB files (GeoIP2, GeoLite2 and others of their shape) under the names of MaxMind.GeoIP2, as far as they are used
/// here. Safe for many threads at once; a reader may be disposed while look-ups run, which then still end well.
/// Look-ups throw <see cref="InvalidDatabaseException"/> when they meet a record that is malformed.
/// </summary>
public sealed class DatabaseReader : IDisposable
{
    private readonly DatabaseBytes _bytes;
    private readonly SearchTree _tree;
    private readonly int _dataEnd;

    /// <exception cref="InvalidDatabaseException">It is not a sound MaxMind DB.</exception>
    /// <exception cref="IOException">It cannot be read, or is missing.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public DatabaseReader(string file, FileAccessMode mode = FileAccessMode.MemoryMapped) : this(DatabaseBytes.Open(file, mode))
    {
    }

    /// <summary>Reads a database from a stream's position to its end, into memory.</summary>
    /// <exception cref="InvalidDatabaseException">It is not a sound MaxMind DB.</exception>
    public DatabaseReader(Stream stream) : this(DatabaseBytes.Read(stream))
    {
    }

    private DatabaseReader(DatabaseBytes bytes)
    {
        _bytes = bytes;
        try
        {
            using var hold = bytes.Take();
            (Metadata, _dataEnd) = MetadataSection.Read(hold.Bytes);
            _tree = new SearchTree(hold.Bytes, Metadata, _dataEnd);
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    private delegate T Shape<out T>(ref RecordCursor cursor, Network network);

    /// <summary>What the database says of itself.</summary>
    public Metadata Metadata { get; }

    /// <summary>Looks an address up in a City database.</summary>
    /// <returns>Whether there is a record.</returns>
    /// <exception cref="InvalidOperationException">It is not a City database.</exception>
    /// <exception cref="InvalidDatabaseException">The record is malformed.</exception>
    public bool TryCity(IPAddress ipAddress, out CityResponse? response) =>
        TryFind(ipAddress, "City", nameof(TryCity), RecordShapes.City, out response);

    /// <summary>Looks an address up in an ASN database.</summary>
    /// <returns>Whether there is a record.</returns>
    /// <exception cref="InvalidOperationException">It is not an ASN database.</exception>
    /// <exception cref="InvalidDatabaseException">The record is malformed.</exception>
    public bool TryAsn(IPAddress ipAddress, out AsnResponse? response) =>
        TryFind(ipAddress, "GeoLite2-ASN", nameof(TryAsn), RecordShapes.Asn, out response);

    public void Dispose() => _bytes.Dispose();

    /// <summary>A record of any shape; null where there is none.</summary>
    /// <param name="ipAddress">The address.</param>
    /// <param name="network">The largest network around the address with this record, or with none.</param>
    internal object? Find(IPAddress ipAddress, out Network network)
    {
        TryFind(ipAddress, static (ref RecordCursor cursor, Network _) => AnyValue.Read(ref cursor), out var value, out var prefixLength);
        network = new Network(ipAddress, prefixLength);
        return value;
    }

    private bool TryFind<T>(IPAddress ipAddress, string type, string method, Shape<T> shape, out T? response)
        where T : class
    {
        if (!Metadata.DatabaseType.Contains(type, StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"A {Metadata.DatabaseType} database cannot be opened with the {method} method");
        }

        return TryFind(ipAddress, shape, out response, out _);
    }

    private bool TryFind<T>(IPAddress ipAddress, Shape<T> shape, out T? response, out int prefixLength)
    {
        Span<byte> address = stackalloc byte[16];
        if (!ipAddress.TryWriteBytes(address, out var length))
        {
            throw new ArgumentException("Not an IPv4 or IPv6 address.", nameof(ipAddress));
        }

        using var hold = _bytes.Take();
        var offset = _tree.Find(hold.Bytes, address[..length], out prefixLength);
        if (offset == SearchTree.None)
        {
            response = default;
            return false;
        }

        var cursor = new RecordCursor(hold.Bytes[_tree.DataStart.._dataEnd], offset, _tree.DataStart);
        response = shape(ref cursor, new Network(ipAddress, prefixLength));
        return true;
    }
}
