using System.Data.Common;

namespace SessionCluster.Silo.Storage;

/// <summary>Reads of rows in either database. The statements of one read see the same moment.</summary>
internal interface ISqlReads
{
    /// <summary>How its SQL is written.</summary>
    SqlDialect Dialect { get; }

    /// <summary>Reads single rows, or what belongs to one user. The texts are constant: they are prepared once.</summary>
    Task<T> Point<T>(Func<ISqlSnapshot, ValueTask<T>> body);

    /// <summary>Reads for lists and searches, few at a time, so that they hold up nobody else. The texts depend on the request.</summary>
    Task<T> List<T>(Func<ISqlSnapshot, ValueTask<T>> body);
}

/// <summary>The database at one moment.</summary>
internal interface ISqlSnapshot
{
    /// <summary>All rows of a statement.</summary>
    ValueTask<List<T>> Rows<T>(string sql, object?[] values, Func<DbDataReader, T> read);
}

/// <summary>Shorter ways to read.</summary>
internal static class SqlSnapshots
{
    /// <summary>The first column of the one row, which is a number.</summary>
    public static async ValueTask<long> Number(this ISqlSnapshot snapshot, string sql, params object?[] values) =>
        (await snapshot.Rows(sql, values, static row => row.GetInt64(0)))[0];

    /// <summary>The rows of one statement.</summary>
    public static Task<List<T>> Rows<T>(this ISqlReads reads, string sql, object?[] values, Func<DbDataReader, T> read) =>
        reads.Point(snapshot => snapshot.Rows(sql, values, read));

    /// <summary>The first row of one statement; null when there is none.</summary>
    public static async Task<T?> First<T>(this ISqlReads reads, string sql, object?[] values, Func<DbDataReader, T> read)
        where T : class => (await reads.Rows(sql, values, read)) is [var first, ..] ? first : null;
}
