using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using SessionCluster.Events;
using SessionCluster.Sessions;
using SessionCluster.Silo.Storage;
using SessionCluster.Users;

namespace SessionCluster.Storage.Tests;

/// <summary>A database of a test's own, as the product opens it, and what the tests do to it.</summary>
internal abstract class OpenStorage : IAsyncDisposable
{
    /// <summary>The database as the product sees it.</summary>
    public abstract IDatabase Opened { get; }

    /// <summary>The storage named "states".</summary>
    public abstract IGrainStorage Plain { get; }

    /// <summary>The storage named "sessions".</summary>
    public IGrainStorage Storage => new GroupingGrainStorage(Opened, Time);

    public IEndedSessions Ended => new SessionRows(Opened);

    public ISessionLists Lists => new SessionRows(Opened);

    public IEventRows Events => EventsAt(Rows.Now);

    /// <summary>The event log, a moment of whose year of retention it is.</summary>
    public IEventRows EventsAt(DateTimeOffset now) => new EventRows(Opened, Options.Create(new EventOptions()), new FakeTimeProvider(now));

    public SweptRows Swept => new(Opened);

    public IStorageProbe Probe => Opened;

    /// <summary>What the storage logged.</summary>
    public KeptLog Log { get; } = new();

    /// <summary>Runs before each commit.</summary>
    public abstract Action? BeforeCommit { get; set; }

    /// <summary>The clock of the storage.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Counts the sessions whose columns say what their payload says.</summary>
    public abstract string SoundSessions { get; }

    /// <summary>Reads the stored text of the only plan.</summary>
    public abstract string PlanPayload { get; }

    public abstract Task Start();

    /// <summary>Finishes what waits, and lets the database go.</summary>
    public abstract Task Close();

    public async Task Reopen()
    {
        await Close();
        await Start();
    }

    public abstract ValueTask DisposeAsync();

    /// <summary>A write that goes the way of a ledger's and changes nothing.</summary>
    public abstract Task WriteNothing();

    /// <summary>The first column of the first row of a statement as a number.</summary>
    public abstract Task<long> Number(string sql);

    /// <summary>The first column of the first row of a statement as a text.</summary>
    public abstract Task<string> Text(string sql);

    public abstract Task Execute(string sql);

    /// <summary>All rows of all tables, to see that something changed nothing.</summary>
    public abstract Task<string> Everything();

    /// <summary>Waits until readers of the event log see all that was committed.</summary>
    public abstract Task Settled();

    /// <summary>The ids of a table in their order.</summary>
    public abstract Task<List<Guid>> Ids(string table, string column = "id");

    /// <summary>Sets the moment of the last write of all plans.</summary>
    public abstract Task WritePlansAt(DateTimeOffset moment);

    /// <summary>A first write of a ledger, queued before this returns.</summary>
    public Task WriteFirst(string user, Func<LedgerV1, LedgerV1> change) =>
        Storage.WriteStateAsync(LedgerV1.StateName, Rows.UserKey(user), new Held<LedgerV1>(change(new LedgerV1 { Revision = 1 })));

    /// <summary>Reads a user's ledger and writes it back with a change.</summary>
    public async Task<Held<LedgerV1>> Change(string user, Func<LedgerV1, LedgerV1> change)
    {
        var row = await ReadLedger(user);
        row.State = change(row.State with { Revision = row.State.Revision + 1 });
        await Storage.WriteStateAsync(LedgerV1.StateName, Rows.UserKey(user), row);
        return row;
    }

    /// <summary>Creates sessions by one write of their user's ledger.</summary>
    public Task Create(string user, params SessionV1[] sessions) => Change(user, ledger => ledger with { Created = [.. sessions] });

    public async Task<Held<LedgerV1>> ReadLedger(string user)
    {
        var row = new Held<LedgerV1>(new LedgerV1());
        await Storage.ReadStateAsync(LedgerV1.StateName, Rows.UserKey(user), row);
        return row;
    }

    /// <summary>The sessions that a read of the ledger brings along.</summary>
    public async Task<ImmutableArray<SessionV1>> Live(string user) => (await ReadLedger(user)).State.Stored!.Live;

    public async Task<Held<SessionV1>> ReadSession(int number)
    {
        var row = new Held<SessionV1>(new SessionV1());
        await Storage.ReadStateAsync(SessionV1.StateName, Rows.SessionKey(Rows.Id(number)), row);
        return row;
    }

    public Task WriteSession(int number, IGrainState<SessionV1> row) =>
        Storage.WriteStateAsync(SessionV1.StateName, Rows.SessionKey(Rows.Id(number)), row);

    public Task<EndedSession?> FindEnded(int number) => Ended.Find(new SessionId(Rows.Id(number)), Rows.Now.AddDays(-1));

    public Task<EventBatch> Follow(string? after, int limit = 10) => Events.Read(new EventCursorQuery(after, limit));
}
