using SessionCluster.Sessions;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// The update of a session's row, ready for the writer. It never inserts: what a ledger write has deleted stays deleted.
/// </summary>
internal sealed class SessionUpdate(long expected, SessionV1 session)
{
    private readonly SessionRow _row = SessionRow.From(session);

    public WriteOutcome Run(SqliteLink link)
    {
        long rowid;
        bool touch;
        using (var stored = link.Prepared(
            """
            SELECT rowid, version, user_pk, username, created, expires, last_ip, last_user_agent, asn, country
            FROM session WHERE id = ?1
            """).Query(SqliteIds.ToBlob(_row.Id)))
        {
            if (!stored.Read())
            {
                return new WriteOutcome(false, null);
            }

            rowid = stored.GetInt64(0);
            var version = stored.GetInt64(1);
            if (version != expected)
            {
                return new WriteOutcome(false, version);
            }

            if (!string.Equals(stored.GetString(2), _row.UserPk, StringComparison.Ordinal))
            {
                throw new InvalidOperationException("A session cannot move to another user.");
            }

            touch = string.Equals(stored.GetString(3), _row.Username, StringComparison.Ordinal)
                && stored.GetInt64(4) == _row.Created
                && stored.GetInt64(5) == _row.Expires
                && string.Equals(stored.GetString(6), _row.LastIp, StringComparison.Ordinal)
                && string.Equals(stored.GetString(7), _row.LastUserAgent, StringComparison.Ordinal)
                && (stored.IsDBNull(8) ? null : stored.GetInt64(8)) == _row.Asn
                && string.Equals(stored.IsDBNull(9) ? null : stored.GetString(9), _row.Country, StringComparison.Ordinal);
        }

        if (touch)
        {
            Touch(link, rowid);
        }
        else
        {
            Replace(link, rowid);
        }

        return new WriteOutcome(true, expected + 1);
    }

    /// <summary>The usual case: only the last use moved. SQLite maintains the index of every column that is set, changed or not.</summary>
    private void Touch(SqliteLink link, long rowid) => link.Prepared(
        "UPDATE session SET version = version + 1, idle_at = ?2, last_used = ?3, payload = ?4 WHERE rowid = ?1")
        .Execute(rowid, _row.IdleAt, _row.LastUsed, _row.Payload);

    private void Replace(SqliteLink link, long rowid) => link.Prepared(
        """
        UPDATE session SET version = version + 1, username = ?2, created = ?3, expires = ?4, idle_at = ?5, last_used = ?6,
          last_ip = ?7, last_user_agent = ?8, asn = ?9, country = ?10, payload = ?11
        WHERE rowid = ?1
        """).Execute(
            rowid, _row.Username, _row.Created, _row.Expires, _row.IdleAt, _row.LastUsed, _row.LastIp, _row.LastUserAgent,
            _row.Asn, _row.Country, _row.Payload);
}
