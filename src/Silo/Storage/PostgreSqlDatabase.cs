using System.Data.Common;
using System.Data;

namespace SessionCluster.Silo.Storage;

/// <summary>A PostgreSQL database: its connections, its schema, and one writer and one reader for the states of this process.</summary>
internal sealed partial class PostgreSqlDatabase : LifecycleStep, IDatabase, IAsyncDisposable
{
    /// <summary>Oldest server that the scripts run on: client_connection_check_interval came with it.</summary>
    private const int OldestServer = 14;

    /// <summary>The advisory lock under which one of several starting processes brings the schema up to date.</summary>
    internal const long MigrationLock = 0x53_43_6C_75_73_74_02;

    private readonly TimeProvider _time;

    private readonly ILogger _log;

    private readonly SemaphoreSlim _lists;

    private readonly PostgreSqlReader _reader;

    private readonly PostgreSqlOptions _options;

    public PostgreSqlDatabase(NpgsqlDataSource source, PostgreSqlOptions options, TimeProvider time, ILogger log)
    {
        Source = source;
        (_time, _log, _options) = (time, log, options);
        _lists = new SemaphoreSlim(options.ListReaders);
        _reader = new PostgreSqlReader(source, options.StateReaders, time);
        Writer = new PostgreSqlWriter(source, options, time, log);
    }

    /// <summary>The scripts of this program, in order.</summary>
    public static IReadOnlyList<SchemaScript> Scripts { get; } = SchemaScript.Load("postgresql");

    public NpgsqlDataSource Source { get; }

    public PostgreSqlWriter Writer { get; }

    public SqlDialect Dialect => SqlDialect.PostgreSql;

    /// <summary>Bounded work however many are due: the first of both lists hold the first of their union.</summary>
    public string PruneEndedSql =>
        "DELETE FROM ended WHERE ctid = ANY (ARRAY(SELECT ctid FROM ended WHERE ended_at < $1 ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED))";

    /// <summary>The furthest place that was pruned is kept, since a gap between numbers says nothing here.</summary>
    public string PruneEventsSql =>
        """
        WITH gone AS (
          DELETE FROM event WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM event WHERE created < $1 ORDER BY created LIMIT $2 FOR UPDATE SKIP LOCKED))
          RETURNING tx, seq
        ), furthest AS (
          SELECT tx, seq FROM gone ORDER BY tx DESC, seq DESC LIMIT 1
        ), marked AS (
          UPDATE event_log SET pruned_tx = furthest.tx, pruned_seq = furthest.seq FROM furthest
          WHERE (event_log.pruned_tx, event_log.pruned_seq) < (furthest.tx, furthest.seq)
        )
        SELECT tx FROM gone
        """;

    public string PrunePlansSql =>
        """
        DELETE FROM OrleansStorage WHERE ctid = ANY (ARRAY(
          SELECT ctid FROM OrleansStorage
          WHERE GrainTypeString = 'plan' AND ModifiedOn < timestamp '1970-01-01' + $1 * interval '1 microsecond' LIMIT $2 FOR UPDATE SKIP LOCKED))
        """;

    /// <summary>Before anything of the host starts.</summary>
    public override async Task StartingAsync(CancellationToken cancellationToken)
    {
        await Start(cancellationToken);
        LogOpened(_log, new NpgsqlConnectionStringBuilder(Source.ConnectionString).Database);
    }

    /// <summary>Brings the schema up to date; of several processes that start together one does it, and the others wait.</summary>
    /// <exception cref="StorageStartException">The database cannot be used; the message says why and what to do.</exception>
    public async Task Start(CancellationToken cancellationToken = default)
    {
        try
        {
            await using var connection = await Source.OpenConnectionAsync(cancellationToken);
            await Check(connection);
            await connection.Command("SELECT set_config('statement_timeout', '0', false), set_config('lock_timeout', '0', false)").Run(cancellationToken);
            if (!await connection.Command("SELECT pg_try_advisory_lock($1)", MigrationLock).Value<bool>())
            {
                LogWaits(_log);
                await connection.Command("SELECT pg_advisory_lock($1)", MigrationLock).Unhurried().Run(cancellationToken);
            }

            try
            {
                await SchemaRunner.Apply(connection, Scripts, _time.GetUtcNow(), connection.Database, script => LogApplies(_log, script.Name));
                await EventHistory.Settle(connection, () => LogSettles(_log), cancellationToken);
            }
            finally
            {
                // A connection that was lost has let go of the lock, and what it was lost by is what has to be told.
                if (connection.State == ConnectionState.Open)
                {
                    await connection.Command("SELECT pg_advisory_unlock($1)", MigrationLock).Run(CancellationToken.None);
                    await connection.Command("RESET statement_timeout").Run(CancellationToken.None);
                    await connection.Command("RESET lock_timeout").Run(CancellationToken.None);
                }
            }
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or InvalidOperationException)
        {
            throw PostgreSqlFailure.Explain(Source, _options.LeastConnections, error);
        }
    }

    public Task<StoredState?> Read(StateQuery query) => _reader.Read(query);

    public Task<long?> Write(StateChange change) => Writer.Write(change);

    public async Task Append(EventInfo entry)
    {
        try
        {
            await Source.Command(
                $"INSERT INTO event ({EventRows.Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (pk) DO NOTHING",
                entry.Pk, entry.Action, entry.User.Id.Value, entry.User.Username, entry.User.Email, entry.User.Name, entry.ClientIp, entry.Session?.Value, UnixMicros.From(entry.Created), entry.ContextJson).Run();
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException)
        {
            throw new StorageUnavailableException("The storage (postgresql) failed to write an event.", outcomeUnknown: true, error);
        }
    }

    public Task<T> Point<T>(Func<ISqlSnapshot, ValueTask<T>> body) => ReadAtOnce(body);

    public async Task<T> List<T>(Func<ISqlSnapshot, ValueTask<T>> body)
    {
        if (!await _lists.WaitAsync(_options.StatementTimeoutValue))
        {
            throw new StorageUnavailableException(
                $"The storage (postgresql) cannot be read: as many lists as are read at a time have kept this one waiting for {_options.StatementTimeoutValue.TotalSeconds} seconds.",
                outcomeUnknown: false);
        }

        try
        {
            return await ReadAtOnce(body);
        }
        finally
        {
            _lists.Release();
        }
    }

    public ValueTask<EventBatch> Follow(ISqlSnapshot snapshot, EventCursorQuery query) => PostgreSqlEventCursor.Read(snapshot, query);

    public async Task<int> Run(string sql, long before, long limit)
    {
        await using var command = Source.Command(sql, before, limit);
        await using var reader = await command.ExecuteReaderAsync();
        var returned = 0;
        while (await reader.ReadAsync())
        {
            returned++;
        }

        // A deletion that returns rows does so by a query, which affects none.
        return Math.Max(returned, reader.RecordsAffected);
    }

    Task IStorageProbe.Read() => Source.Command("SELECT 1").Value<int>();

    /// <summary>A row is written as it is, on a connection of the pool: whether the server takes writes.</summary>
    Task IStorageProbe.Write() => Source.Command("UPDATE event_log SET incarnation = incarnation").Run();

    public async Task<StorageSizes> Sizes() => new(await Source.Command("SELECT pg_database_size(current_database())").Value<long>(), null, null);

    public async ValueTask DisposeAsync()
    {
        await Writer.DisposeAsync();
        await _reader.DisposeAsync();
        _lists.Dispose();
        await Source.DisposeAsync();
    }

    /// <summary>Refuses a server that cannot keep what is promised.</summary>
    /// <exception cref="StorageStartException">It is too old, a standby, or does not make commits durable.</exception>
    private async Task Check(NpgsqlConnection connection)
    {
        const string Setting = PostgreSqlOptions.ConnectionSetting;
        if (connection.PostgreSqlVersion.Major < OldestServer)
        {
            throw new StorageStartException(
                $"The PostgreSQL server has version {connection.PostgreSqlVersion}, but {OldestServer} is the oldest that works. Upgrade it, or name another in {Setting}.");
        }

        if (await connection.Command("SHOW synchronous_commit").Value<string>() == "off")
        {
            throw new StorageStartException(
                "The PostgreSQL server has synchronous_commit=off for this user: what it has acknowledged could be lost in a crash. Turn it on (ALTER ROLE ... SET synchronous_commit = on).");
        }

        if (await connection.Command("SELECT setting FROM pg_settings WHERE name = 'statement_timeout'").Value<string>() != $"{(long)_options.StatementTimeoutValue.TotalMilliseconds}")
        {
            throw new StorageStartException(
                $"The limits on statements that a connection asks for as it begins do not hold: a pooler between here and the PostgreSQL server drops them, and a write that fails could take effect much later. Name the server itself in {Setting}.");
        }
    }

    private Task<T> ReadAtOnce<T>(Func<ISqlSnapshot, ValueTask<T>> body) => TransientRead.Run(
        async () =>
        {
            await using var connection = await Source.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead);
            var result = await body(new Snapshot(connection));
            await transaction.CommitAsync();
            return result;
        },
        _time);

    private sealed class Snapshot(NpgsqlConnection connection) : ISqlSnapshot
    {
        public async ValueTask<List<T>> Rows<T>(string sql, object?[] values, Func<DbDataReader, T> read) =>
            await connection.Command(sql, values).Rows(read);
    }

    [LoggerMessage(4122, LogLevel.Information, "Waiting for another process, which is bringing the database up to date.")]
    private static partial void LogWaits(ILogger logger);

    [LoggerMessage(4123, LogLevel.Information, "Applying the schema script {Script}; on a large database this may take long.")]
    private static partial void LogApplies(ILogger logger, string script);

    [LoggerMessage(4124, LogLevel.Information, "The database is new here, restored or promoted: its events are being made to fit this server, which may take long where there are many.")]
    private static partial void LogSettles(ILogger logger);

    [LoggerMessage(4121, LogLevel.Information, "The database {Database} is open.")]
    private static partial void LogOpened(ILogger logger, string? database);
}
