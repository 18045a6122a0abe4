using NpgsqlTypes;

namespace SessionCluster.Silo.Storage;

/// <summary>The statements that write many states at once: each parameter is a column of the rows of all.</summary>
internal static class GroupCommands
{
    /// <param name="writes">Of <see cref="LedgerChange"/>s, each of another user. The answers come in their order.</param>
    public static NpgsqlCommand Ledgers(IReadOnlyList<PendingWrite> writes)
    {
        var changes = writes.Select((write, place) => (Place: place + 1, Change: (LedgerChange)write.Change)).ToArray();
        var command = NewCommand("write_ledgers", 31);
        var parameters = command.Parameters;
        Add(parameters, changes, write => write.Change.User);
        Add(parameters, changes, write => write.Change.Expected);
        AddJson(parameters, changes, write => write.Change.Rows.Payload);
        AddCreated(parameters, Rows(changes, rows => rows.Created));
        // All processes take the locks of sessions in the same order.
        AddEnded(parameters, [.. Rows(changes, rows => rows.Ended).OrderBy(row => row.Row.Ended.Id)]);
        AddEvents(parameters, Rows(changes, rows => rows.Events));
        return command;
    }

    /// <param name="writes">Of <see cref="SessionChange"/>s, each of another session. The answers come in their order.</param>
    public static NpgsqlCommand Sessions(IReadOnlyList<PendingWrite> writes)
    {
        var changes = writes.Select(write => (SessionChange)write.Change).ToArray();
        var command = NewCommand("write_sessions", 13);
        var parameters = command.Parameters;
        Add(parameters, changes, change => change.Row.Session.Id);
        Add(parameters, changes, change => change.Expected);
        Add(parameters, changes, change => change.Row.Session.UserPk);
        AddColumns(parameters, changes, change => change.Row);
        return command;
    }

    private static NpgsqlCommand NewCommand(string function, int columns) => new(string.Create(
        CultureInfo.InvariantCulture, $"SELECT * FROM {function}({string.Join(", ", Enumerable.Range(1, columns).Select(number => $"${number}"))})"));

    private static void AddCreated(NpgsqlParameterCollection parameters, (int Place, SessionRow Row)[] created)
    {
        Add(parameters, created, row => row.Place);
        Add(parameters, created, row => row.Row.Session.Id);
        AddColumns(parameters, created, row => row.Row);
    }

    /// <summary>The columns that an update of a session sets and an insert fills, in the order of both functions.</summary>
    private static void AddColumns<T>(NpgsqlParameterCollection parameters, T[] rows, Func<T, SessionRow> session)
    {
        Add(parameters, rows, row => session(row).Session.Username);
        Add(parameters, rows, row => UnixMicros.From(session(row).Session.Created));
        Add(parameters, rows, row => UnixMicros.From(session(row).Session.Expires));
        Add(parameters, rows, row => session(row).IdleAt);
        Add(parameters, rows, row => UnixMicros.From(session(row).Session.LastUsed));
        Add(parameters, rows, row => session(row).Session.LastIp);
        Add(parameters, rows, row => session(row).Session.LastUserAgent);
        Add(parameters, rows, row => session(row).Session.Asn?.Asn);
        Add(parameters, rows, row => session(row).Session.Geo?.Country);
        AddJson(parameters, rows, row => session(row).Payload);
    }

    private static void AddEnded(NpgsqlParameterCollection parameters, (int Place, EndedRow Row)[] ended)
    {
        Add(parameters, ended, row => row.Place);
        Add(parameters, ended, row => row.Row.Ended.Id);
        Add(parameters, ended, row => row.Row.Ended.Revision);
        Add(parameters, ended, row => UnixMicros.From(row.Row.Ended.EndedAt));
        AddJson(parameters, ended, row => row.Row.Payload);
    }

    private static void AddEvents(NpgsqlParameterCollection parameters, (int Place, EventInfo Row)[] events)
    {
        Add(parameters, events, row => row.Place);
        Add(parameters, events, row => row.Row.Pk);
        Add(parameters, events, row => row.Row.Action);
        Add(parameters, events, row => row.Row.User.Id.Value);
        Add(parameters, events, row => row.Row.User.Username);
        Add(parameters, events, row => row.Row.User.Email);
        Add(parameters, events, row => row.Row.User.Name);
        Add(parameters, events, row => row.Row.ClientIp);
        Add(parameters, events, row => row.Row.Session?.Value);
        Add(parameters, events, row => UnixMicros.From(row.Row.Created));
        Add(parameters, events, row => row.Row.ContextJson);
    }

    /// <summary>The rows of all with the place of their user, counted from one as the server counts.</summary>
    private static (int Place, T Row)[] Rows<T>((int Place, LedgerChange Change)[] changes, Func<LedgerRows, T[]> rows) =>
        [.. changes.SelectMany(write => rows(write.Change.Rows).Select(row => (write.Place, row)))];

    private static void Add<TRow, T>(NpgsqlParameterCollection parameters, TRow[] rows, Func<TRow, T> column) =>
        parameters.Add(new NpgsqlParameter<T[]> { TypedValue = Array.ConvertAll(rows, row => column(row)) });

    private static void Add<TRow>(NpgsqlParameterCollection parameters, TRow[] rows, Func<TRow, string?> column) =>
        parameters.Add(new NpgsqlParameter<string?[]> { TypedValue = Array.ConvertAll(rows, row => column(row).Sound()) });

    private static void AddJson<TRow>(NpgsqlParameterCollection parameters, TRow[] rows, Func<TRow, string> column) =>
        parameters.Add(new NpgsqlParameter<string[]>
        {
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Json, TypedValue = Array.ConvertAll(rows, row => column(row)),
        });
}
