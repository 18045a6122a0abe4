using SessionCluster.Users;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// The write of a ledger, ready for the writer: the row conditional on its version, the born and the dead sessions, and the
/// journal. Made on the caller's thread, so that the writer only binds and steps.
/// </summary>
internal sealed class LedgerWrite
{
    private readonly string _user;

    private readonly long? _expected;

    private readonly LedgerRows _rows;

    /// <param name="user">Whose ledger.</param>
    /// <param name="expected">The version that the row must have; null when there must be none.</param>
    /// <param name="ledger">The ledger with its change.</param>
    /// <exception cref="InvalidOperationException">A born session is another user's.</exception>
    public LedgerWrite(UserId user, long? expected, LedgerV1 ledger)
    {
        _user = user.Value;
        _expected = expected;
        _rows = LedgerRows.From(ledger).Of(user);
    }

    /// <summary>Makes the change, or none of it. An exception leaves the transaction to be rolled back.</summary>
    public WriteOutcome Run(SqliteLink link)
    {
        if (!WriteRow(link))
        {
            return new WriteOutcome(false, link.Prepared("SELECT version FROM ledger WHERE user_pk = ?1").Number(_user));
        }

        foreach (var row in _rows.Born)
        {
            Bear(link, row);
        }

        foreach (var row in _rows.Dead)
        {
            End(link, row);
        }

        foreach (var entry in _rows.Journal)
        {
            Append(link, entry);
        }

        return new WriteOutcome(true, (_expected ?? 0) + 1);
    }

    private bool WriteRow(SqliteLink link) => _expected is { } expected
        ? link.Prepared("UPDATE ledger SET version = version + 1, payload = ?3 WHERE user_pk = ?1 AND version = ?2")
            .Execute(_user, expected, _rows.Payload) == 1
        : link.Prepared("INSERT INTO ledger (user_pk, version, payload) VALUES (?1, 1, ?2) ON CONFLICT (user_pk) DO NOTHING")
            .Execute(_user, _rows.Payload) == 1;

    private static void Bear(SqliteLink link, SessionRow row) => link.Prepared(
        """
        INSERT INTO session (id, version, user_pk, username, created, expires, idle_at, last_used, last_ip, last_user_agent,
          asn, country, payload)
        VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
        """).Execute(
            SqliteIds.ToBlob(row.Id), row.UserPk, row.Username, row.Created, row.Expires, row.IdleAt, row.LastUsed, row.LastIp, row.LastUserAgent,
            row.Asn, row.Country, row.Payload);

    /// <summary>A session that is gone already stays gone, with its first reason.</summary>
    private void End(SqliteLink link, EndedRow row)
    {
        var id = SqliteIds.ToBlob(row.Id);
        if (link.Prepared("DELETE FROM session WHERE id = ?1 AND user_pk = ?2").Execute(id, _user) == 0
            && link.Prepared("SELECT 1 FROM session WHERE id = ?1").Number(id) is not null)
        {
            throw new InvalidOperationException("A ledger can only end sessions of its own user.");
        }

        link.Prepared(
            """
            INSERT INTO ended (id, user_pk, revision, ended_at, payload) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (id) DO NOTHING
            """).Execute(id, _user, row.Revision, row.EndedAt, row.Payload);
    }

    private static void Append(SqliteLink link, EventRow entry) => link.Prepared(
        """
        INSERT INTO event (pk, action, user_pk, username, email, name, client_ip, session, created, context)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        """).Execute(
            SqliteIds.ToBlob(entry.Pk), entry.Action, entry.UserPk, entry.Username, entry.Email, entry.Name, entry.ClientIp,
            entry.Session is { } session ? SqliteIds.ToBlob(session) : null, entry.Created, entry.Context);
}
