using Npgsql;
using NpgsqlTypes;

namespace SessionCluster.Silo.Storage;

/// <summary>One statement of a group's transaction, and the writes that it makes.</summary>
/// <param name="Command">The statement: a row for each write; none, or null in it, for one that met another version.</param>
/// <param name="Writes">In the order of the rows.</param>
internal sealed record GroupStatement(NpgsqlBatchCommand Command, IReadOnlyList<PendingWrite> Writes)
{
    /// <summary>
    /// The statements that make these writes. Those of one owner keep their order; of different owners all ledgers that can go
    /// together do, since what a statement costs by itself is most of what a write costs.
    /// </summary>
    public static List<GroupStatement> Of(IEnumerable<PendingWrite> group, StorageStatements texts)
    {
        var statements = new List<GroupStatement>();
        foreach (var turn in Turns(group))
        {
            var ledgers = turn.Where(write => write.Change is LedgerChange).ToList();
            if (ledgers.Count > 0)
            {
                statements.Add(new GroupStatement(LedgersCommand.Make(ledgers), ledgers));
            }

            statements.AddRange(turn
                .Where(write => write.Change is DocumentChange)
                .Select(write => new GroupStatement(Single((DocumentChange)write.Change!, texts), [write])));
        }

        return statements;
    }

    /// <summary>Reads the versions that the statement answered; the reader stands before its result.</summary>
    public async Task Read(NpgsqlDataReader reader)
    {
        foreach (var write in Writes)
        {
            write.Version = await reader.ReadAsync() && !await reader.IsDBNullAsync(0) ? reader.GetInt32(0) : null;
        }
    }

    /// <summary>First the first write of each owner, then the second of each that has one, and so on.</summary>
    private static List<List<PendingWrite>> Turns(IEnumerable<PendingWrite> group)
    {
        var turns = new List<List<PendingWrite>>();
        var made = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var write in group)
        {
            if (write.Change is not { } change)
            {
                continue;
            }

            var turn = made.GetValueOrDefault(change.Owner);
            made[change.Owner] = turn + 1;
            if (turn == turns.Count)
            {
                turns.Add([]);
            }

            turns[turn].Add(write);
        }

        return turns;
    }

    private static NpgsqlBatchCommand Single(DocumentChange change, StorageStatements texts)
    {
        var command = new NpgsqlBatchCommand(change.Document is null ? texts.Clear : texts.Write);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = change.State });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = change.Key });
        command.Parameters.Add(new NpgsqlParameter { Value = change.Expected ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer });
        if (change.Document is { } document)
        {
            command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = document });
        }

        return command;
    }
}
