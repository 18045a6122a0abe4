using SessionCluster.Bindings;
using SessionCluster.LoginStage;
using SessionCluster.Sessions;
using SessionCluster.Storage.Tests.PostgreSql;
using SessionCluster.Storage.Tests.Sqlite;
using SessionCluster.Users;
using static SessionCluster.Storage.Tests.Rows;

namespace SessionCluster.Storage.Tests;

public sealed class SqlitePlainStateTests() : PlainStateTests(new OpenSqlite());

/// <summary>Orleans' own provider over our tables and texts.</summary>
[OnPostgreSql]
public sealed class PostgreSqlPlainStateTests() : PlainStateTests(new OpenPostgreSql());

public abstract class PlainStateTests : StorageTests
{
    private static readonly GrainId Key = GrainId.Create("stages", IStageCatalogGrain.Key);

    private protected PlainStateTests(OpenStorage open)
        : base(open)
    {
    }

    [SuiteFact]
    public async Task A_state_never_written_reads_as_a_new_one_without_an_etag()
    {
        var row = await Read();

        Assert.Null(row.ETag);
        Assert.False(row.RecordExists);
        Assert.Empty(row.State.Stages);
    }

    [SuiteFact]
    public async Task A_state_is_written_read_and_conditional_on_its_version()
    {
        var row = New("first");
        await Write(row);
        var old = await Read();
        row.State = New("second").State;
        await Write(row);

        await Assert.ThrowsAsync<InconsistentStateException>(() => Write(old));
        await Assert.ThrowsAsync<InconsistentStateException>(() => Write(New("third")));

        var stored = await Read();
        Assert.Equal("second", Assert.Single(stored.State.Stages).Name);
        Assert.Equal("2", stored.ETag);
        Assert.Equal("2", row.ETag);
        Assert.True(stored.RecordExists);
    }

    [SuiteFact]
    public async Task Of_many_first_writes_at_once_one_is_made()
    {
        var done = await Task.WhenAll(Enumerable.Range(1, 20).Select(number => Succeeds(Write(New($"{number}")))));

        Assert.Single(done, succeeded => succeeded);
        Assert.Equal("1", (await Read()).ETag);
    }

    [SuiteFact]
    public async Task A_cleared_state_is_gone_and_no_older_writer_revives_it()
    {
        var row = New("first");
        await Write(row);
        var old = await Read();

        await Open.Plain.ClearStateAsync(StageCatalogV1.StateName, Key, row);

        Assert.False(row.RecordExists);
        Assert.Empty(row.State.Stages);
        await Assert.ThrowsAsync<InconsistentStateException>(() => Write(old));
        await Assert.ThrowsAsync<InconsistentStateException>(() => Open.Plain.ClearStateAsync(StageCatalogV1.StateName, Key, old));
        await Assert.ThrowsAsync<InconsistentStateException>(() => Write(New("third")));
        Assert.False((await Read()).RecordExists);
        row.State = New("again").State;
        await Write(row);
        Assert.Equal("3", (await Read()).ETag);
    }

    [SuiteFact]
    public async Task States_are_told_apart_by_their_name_and_their_key()
    {
        await Write(New("mine"));
        await Open.Plain.WriteStateAsync("plan", GrainId.Create("plan", "p:1"), new Held<PlanV1>(PlanOf("one")));
        await Open.Plain.WriteStateAsync("plan", GrainId.Create("plan", "p:2"), new Held<PlanV1>(PlanOf("two")));

        Assert.Equal("mine", Assert.Single((await Read()).State.Stages).Name);
        Assert.Equal("two", (await Plan("p:2")).State.Plan!.FlowSlug);
        Assert.Equal("one", (await Plan("p:1")).State.Plan!.FlowSlug);
        Assert.False((await Plan("p:3")).RecordExists);
    }

    [SuiteFact]
    public async Task Everything_is_there_after_closing_and_opening_again()
    {
        await Write(New("Žlutý kůň 🐎"));
        await Open.Reopen();

        Assert.Equal("Žlutý kůň 🐎", Assert.Single((await Read()).State.Stages).Name);
    }

    [SuiteFact]
    public async Task A_state_under_the_name_of_another_type_is_refused()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => Open.Storage.WriteStateAsync(SessionV1.StateName, Key, New("first")));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => Open.Storage.WriteStateAsync("other", SessionKey(Id(1)), new Held<SessionV1>(new SessionV1())));
    }

    [SuiteFact]
    public Task A_type_without_a_json_contract_is_refused() => Assert.ThrowsAsync<InvalidOperationException>(
        () => Open.Plain.WriteStateAsync("other", Key, new Held<Version>(new Version(1, 0))));

    [SuiteFact]
    public Task An_etag_of_elsewhere_is_refused() => Assert.ThrowsAsync<ArgumentException>(
        () => Open.Storage.WriteStateAsync(LedgerV1.StateName, UserKey("42"), new Held<LedgerV1>(new LedgerV1(), "\"abc\"")));

    private static Held<StageCatalogV1> New(string name) => new(new StageCatalogV1
    {
        Stages = [new StageInfo(Id(1), name, Duration.Zero, Duration.Zero, Duration.Zero, false, NetworkBinding.None, GeoIpBinding.None)],
    });

    private Task Write(Held<StageCatalogV1> row) => Open.Plain.WriteStateAsync(StageCatalogV1.StateName, Key, row);

    private async Task<Held<StageCatalogV1>> Read()
    {
        var row = new Held<StageCatalogV1>(new StageCatalogV1());
        await Open.Plain.ReadStateAsync(StageCatalogV1.StateName, Key, row);
        return row;
    }

    private async Task<Held<PlanV1>> Plan(string key)
    {
        var row = new Held<PlanV1>(new PlanV1());
        await Open.Plain.ReadStateAsync("plan", GrainId.Create("plan", key), row);
        return row;
    }
}
