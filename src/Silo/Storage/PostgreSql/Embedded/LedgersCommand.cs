using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// The statement that writes the ledgers of many users (Schema/postgresql/005-grouped-ledgers.sql): each parameter is a column of
/// the rows of all.
/// </summary>
internal static class LedgersCommand
{
    private const int Columns = 31;

    private static readonly string Text = string.Create(
        CultureInfo.InvariantCulture, $"SELECT write_ledgers({string.Join(", ", Enumerable.Range(1, Columns).Select(number => $"${number}"))})");

    /// <param name="writes">Of <see cref="LedgerChange"/>s, each of another user.</param>
    public static NpgsqlBatchCommand Make(IReadOnlyList<PendingWrite> writes)
    {
        var changes = writes.Select(write => (LedgerChange)write.Change!).ToArray();
        var command = new NpgsqlBatchCommand(Text);
        Ledgers(command.Parameters, changes);
        Born(command.Parameters, Rows(changes, rows => rows.Born));
        Dead(command.Parameters, Rows(changes, rows => rows.Dead));
        Events(command.Parameters, Rows(changes, rows => rows.Journal));
        return command;
    }

    private static void Ledgers(NpgsqlParameterCollection parameters, LedgerChange[] changes)
    {
        Add(parameters, changes, change => change.User);
        Add(parameters, changes, change => change.Expected);
        AddJson(parameters, changes, change => change.Rows.Payload);
    }

    private static void Born(NpgsqlParameterCollection parameters, (int Place, SessionRow Row)[] born)
    {
        Add(parameters, born, row => row.Place);
        Add(parameters, born, row => row.Row.Id);
        Add(parameters, born, row => row.Row.Username);
        Add(parameters, born, row => row.Row.Created);
        Add(parameters, born, row => row.Row.Expires);
        Add(parameters, born, row => row.Row.IdleAt);
        Add(parameters, born, row => row.Row.LastUsed);
        Add(parameters, born, row => row.Row.LastIp);
        Add(parameters, born, row => row.Row.LastUserAgent);
        Add(parameters, born, row => row.Row.Asn);
        Add(parameters, born, row => row.Row.Country);
        AddJson(parameters, born, row => row.Row.Payload);
    }

    private static void Dead(NpgsqlParameterCollection parameters, (int Place, EndedRow Row)[] dead)
    {
        Add(parameters, dead, row => row.Place);
        Add(parameters, dead, row => row.Row.Id);
        Add(parameters, dead, row => row.Row.Revision);
        Add(parameters, dead, row => row.Row.EndedAt);
        AddJson(parameters, dead, row => row.Row.Payload);
    }

    private static void Events(NpgsqlParameterCollection parameters, (int Place, EventRow Row)[] journal)
    {
        Add(parameters, journal, row => row.Place);
        Add(parameters, journal, row => row.Row.Pk);
        Add(parameters, journal, row => row.Row.Action);
        Add(parameters, journal, row => row.Row.UserPk);
        Add(parameters, journal, row => row.Row.Username);
        Add(parameters, journal, row => row.Row.Email);
        Add(parameters, journal, row => row.Row.Name);
        Add(parameters, journal, row => row.Row.ClientIp);
        Add(parameters, journal, row => row.Row.Session);
        Add(parameters, journal, row => row.Row.Created);
        Add(parameters, journal, row => row.Row.Context);
    }

    /// <summary>The rows of all with the place of their user, counted from one as the server counts.</summary>
    private static (int Place, T Row)[] Rows<T>(LedgerChange[] changes, Func<LedgerRows, T[]> rows) =>
        [.. changes.SelectMany((change, index) => rows(change.Rows).Select(row => (index + 1, row)))];

    private static void Add<TRow, T>(NpgsqlParameterCollection parameters, TRow[] rows, Func<TRow, T> column) =>
        parameters.Add(new NpgsqlParameter<T[]> { TypedValue = Array.ConvertAll(rows, row => column(row)) });

    private static void AddJson<TRow>(NpgsqlParameterCollection parameters, TRow[] rows, Func<TRow, string> column) =>
        parameters.Add(new NpgsqlParameter<string[]>
        {
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Json, TypedValue = Array.ConvertAll(rows, row => column(row)),
        });
}
