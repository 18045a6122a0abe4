namespace SessionCluster.Silo.Storage;

/// <summary>The statements that read and write the states of grains in SQLite.</summary>
internal static class SqliteStates
{
    /// <summary>A user's sessions, without their data where that makes one large: the user's grain does not use it.</summary>
    internal const string LiveSql =
        "SELECT CASE WHEN length(payload) > 2048 THEN json_remove(payload, '$.data') ELSE payload END FROM session INDEXED BY session_by_user WHERE user_pk = ?1 ORDER BY created, id";

    internal const string EndedLatelySql = "SELECT payload FROM ended INDEXED BY ended_by_revision WHERE user_pk = ?1 AND ended_at > ?2";

    private const string NoText = "";

    /// <summary>Reads a state, and what belongs to it, inside a read transaction.</summary>
    /// <param name="endedSince">From when on ended sessions are read along, in microseconds since 1970.</param>
    public static StoredState? Read(SqliteLink link, StateQuery query, long endedSince)
    {
        using var reader = query.Kind switch
        {
            StateKind.Ledger => link.Prepared("SELECT version, payload FROM ledger WHERE user_pk = ?1").Query(UserId.FromGrainKey(query.Key).Value),
            StateKind.Session => link.Prepared("SELECT version, payload FROM session WHERE id = ?1").Query(Id(SessionId.FromGrainKey(query.Key).Value)),
            _ => link.Prepared("SELECT version, payload FROM grain_state WHERE state_name = ?1 AND grain_key = ?2").Query(query.Name, query.Key),
        };
        if (!reader.Read())
        {
            return null;
        }

        var version = reader.GetInt64(0);
        if (version == query.Known)
        {
            return new StoredState(version, null, [], []);
        }

        var payload = reader.IsDBNull(1) ? null : reader.GetString(1);
        if (query.Kind != StateKind.Ledger)
        {
            return new StoredState(version, payload, [], []);
        }

        var user = UserId.FromGrainKey(query.Key).Value;
        return new StoredState(version, payload, Texts(link, LiveSql, user), Texts(link, EndedLatelySql, user, endedSince));
    }

    /// <summary>Makes a change, or none of it: the version now, null when the row is at another. An exception leaves the transaction to be rolled back.</summary>
    public static long? Write(SqliteLink link, StateChange change) => change switch
    {
        LedgerChange ledger => Write(link, ledger),
        SessionChange session => Write(link, session),
        PlainChange plain => Write(link, plain),
        _ => throw new ArgumentException("No such change.", nameof(change)),
    };

    private static long? Write(SqliteLink link, LedgerChange change)
    {
        var written = change.Expected is { } expected
            ? link.Prepared("UPDATE ledger SET version = version + 1, payload = ?3 WHERE user_pk = ?1 AND version = ?2")
                .Execute(change.User, expected, change.Rows.Payload)
            : link.Prepared("INSERT INTO ledger (user_pk, version, payload) VALUES (?1, 1, ?2) ON CONFLICT (user_pk) DO NOTHING")
                .Execute(change.User, change.Rows.Payload);
        if (written == 0)
        {
            return null;
        }

        foreach (var row in change.Rows.Created)
        {
            Create(link, row);
        }

        foreach (var row in change.Rows.Ended)
        {
            End(link, change.User, row);
        }

        foreach (var row in change.Rows.Events)
        {
            Append(link, row);
        }

        return (change.Expected ?? 0) + 1;
    }

    private static void Create(SqliteLink link, SessionRow row)
    {
        var session = row.Session;
        link.Prepared(
            """
            INSERT INTO session (id, version, user_pk, username, created, expires, idle_at, last_used, last_ip, last_user_agent,
              asn, country, payload)
            VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
            """).Execute(
                Id(session.Id), session.UserPk, session.Username, UnixMicros.From(session.Created), UnixMicros.From(session.Expires), row.IdleAt,
                UnixMicros.From(session.LastUsed), session.LastIp, session.LastUserAgent, session.Asn?.Asn, session.Geo?.Country, row.Payload);
    }

    /// <summary>A session that is gone already stays gone, with its first reason.</summary>
    private static void End(SqliteLink link, string user, EndedRow row)
    {
        var id = Id(row.Ended.Id);
        if (link.Prepared("DELETE FROM session WHERE id = ?1 AND user_pk = ?2").Execute(id, user) == 0
            && link.Prepared("SELECT 1 FROM session WHERE id = ?1").Number(id) is not null)
        {
            throw new InvalidOperationException("A ledger can only end sessions of its own user.");
        }

        link.Prepared("INSERT INTO ended (id, user_pk, revision, ended_at, payload) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO NOTHING")
            .Execute(id, user, row.Ended.Revision, UnixMicros.From(row.Ended.EndedAt), row.Payload);
    }

    /// <summary>Appends an event unless it is there; whether it was not.</summary>
    public static bool AppendOnce(SqliteLink link, EventInfo row)
    {
        var isNew = link.Prepared("SELECT 1 FROM event WHERE pk = ?1").Number(Id(row.Pk)) is null;
        if (isNew)
        {
            Append(link, row);
        }

        return isNew;
    }

    private static void Append(SqliteLink link, EventInfo row) => link.Prepared(
        """
        INSERT INTO event (pk, action, user_pk, username, email, name, client_ip, session, created, context)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        """).Execute(
            Id(row.Pk), row.Action, row.User.Id.Value, row.User.Username, row.User.Email, row.User.Name, row.ClientIp,
            row.Session is { } session ? Id(session.Value) : null, UnixMicros.From(row.Created), row.ContextJson);

    private static long? Write(SqliteLink link, SessionChange change)
    {
        var (row, session) = (change.Row, change.Row.Session);
        var (created, expires, used) = (UnixMicros.From(session.Created), UnixMicros.From(session.Expires), UnixMicros.From(session.LastUsed));
        long rowid;
        bool touch;
        using (var stored = link.Prepared(
            """
            SELECT rowid, version, user_pk, username, created, expires, last_ip, last_user_agent, asn, country
            FROM session WHERE id = ?1
            """).Query(Id(session.Id)))
        {
            if (!stored.Read() || stored.GetInt64(1) != change.Expected)
            {
                return null;
            }

            if (stored.GetString(2) != session.UserPk)
            {
                throw new InvalidOperationException("A session cannot move to another user.");
            }

            rowid = stored.GetInt64(0);
            touch = stored.GetString(3) == session.Username
                && stored.GetInt64(4) == created
                && stored.GetInt64(5) == expires
                && stored.GetString(6) == session.LastIp
                && stored.GetString(7) == session.LastUserAgent
                && (stored.IsDBNull(8) ? null : stored.GetInt64(8)) == session.Asn?.Asn
                && (stored.IsDBNull(9) ? NoText : stored.GetString(9)) == (session.Geo?.Country ?? NoText);
        }

        // The usual case: only the last use moved. SQLite maintains the index of every column that is set, changed or not: to set all of them
        // takes three times as long.
        _ = touch
            ? link.Prepared("UPDATE session SET version = version + 1, idle_at = ?2, last_used = ?3, payload = ?4 WHERE rowid = ?1")
                .Execute(rowid, row.IdleAt, used, row.Payload)
            : link.Prepared(
                """
                UPDATE session SET version = version + 1, username = ?2, created = ?3, expires = ?4, idle_at = ?5, last_used = ?6,
                  last_ip = ?7, last_user_agent = ?8, asn = ?9, country = ?10, payload = ?11
                WHERE rowid = ?1
                """).Execute(
                    rowid, session.Username, created, expires, row.IdleAt, used, session.LastIp, session.LastUserAgent,
                    session.Asn?.Asn, session.Geo?.Country, row.Payload);
        return change.Expected + 1;
    }

    private static long? Write(SqliteLink link, PlainChange change)
    {
        var written = change.Expected is { } expected
            ? link.Prepared("UPDATE grain_state SET version = version + 1, payload = ?4, modified = ?5 WHERE state_name = ?1 AND grain_key = ?2 AND version = ?3")
                .Execute(change.Name, change.Key, expected, change.Payload, change.Modified)
            : link.Prepared("INSERT INTO grain_state (state_name, grain_key, version, payload, modified) VALUES (?1, ?2, 1, ?3, ?4) ON CONFLICT (state_name, grain_key) DO NOTHING")
                .Execute(change.Name, change.Key, change.Payload, change.Modified);
        return written == 0 ? null : (change.Expected ?? 0) + 1;
    }

    private static byte[] Id(Guid id) => id.ToByteArray(bigEndian: true);

    private static List<string> Texts(SqliteLink link, string sql, params ReadOnlySpan<object?> values)
    {
        var texts = new List<string>();
        using var reader = link.Prepared(sql).Query(values);
        while (reader.Read())
        {
            texts.Add(reader.GetString(0));
        }

        return texts;
    }
}
