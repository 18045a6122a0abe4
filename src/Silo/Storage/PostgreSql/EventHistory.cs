using Npgsql;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// Places in the event log hold transaction ids, which count in the history of one server only. In another history (a restored
/// dump, a server that was promoted or set back) an old cursor could stand behind events that its reader has not seen, and a
/// stored id ahead of the server's count would hide its event for as long. So the log gets a new incarnation there: older
/// cursors are gone, and ids from ahead are taken back to the beginning.
/// </summary>
internal static class EventHistory
{
    /// <summary>
    /// The server's cluster, its timeline (which every recovery and promotion raises), and the table itself, which a restored dump
    /// creates anew.
    /// </summary>
    private const string HistorySql =
        """
        SELECT (SELECT system_identifier FROM pg_control_system()) || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8) || '/'
          || 'event'::regclass::oid
        """;

    /// <summary>Begins a new incarnation of the log where the history is another than the log's.</summary>
    public static async Task Settle(NpgsqlConnection connection)
    {
        if (!await connection.Command("SELECT to_regclass('event_log') IS NOT NULL").Value<bool>())
        {
            return;
        }

        var history = await connection.Command(HistorySql).Value<string>();
        if (await connection.Command("SELECT history FROM event_log").Value<string>() == history)
        {
            return;
        }

        await using var transaction = await connection.BeginTransactionAsync();
        await connection.Command(
            "UPDATE event_log SET incarnation = incarnation + 1, history = $1, pruned_tx = '0', pruned_seq = 0", history).Run();
        await connection.Command("UPDATE event SET tx = '0' WHERE tx >= pg_snapshot_xmin(pg_current_snapshot())").Unhurried().Run();
        await transaction.CommitAsync();
    }
}
