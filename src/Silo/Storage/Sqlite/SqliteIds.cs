using Microsoft.Data.Sqlite;

namespace SessionCluster.Silo.Storage;

/// <summary>Ids as the tables hold them: 16 bytes, big endian.</summary>
internal static class SqliteIds
{
    public static byte[] ToBlob(Guid id) => id.ToByteArray(bigEndian: true);

    public static Guid Read(SqliteDataReader reader, int column) => new(reader.GetFieldValue<byte[]>(column), bigEndian: true);
}
