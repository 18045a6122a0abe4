using System.Globalization;

namespace SessionCluster.Silo.Storage;

/// <summary>A place in PostgreSQL's event log, written as three numbers with dots between.</summary>
/// <param name="Incarnation">Which log; see <see cref="EventHistory"/>.</param>
/// <param name="Transaction">The transaction that appended the event.</param>
/// <param name="Sequence">The event's number.</param>
internal readonly record struct EventCursor(int Incarnation, ulong Transaction, long Sequence)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Incarnation}.{Transaction}.{Sequence}");

    /// <summary>Reads only the one text that was given for a place: no signs, no zeros before a number.</summary>
    public static bool TryParse(string text, out EventCursor cursor)
    {
        cursor = default;
        var parts = text.Split('.', 4);
        if (parts.Length != 3
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var incarnation)
            || !ulong.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var transaction)
            || !long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
        {
            return false;
        }

        cursor = new EventCursor(incarnation, transaction, sequence);
        return string.Equals(cursor.ToString(), text, StringComparison.Ordinal);
    }
}
