using SessionCluster.LoginStage;
using SessionCluster.Sessions;

namespace SessionCluster.Storage.Tests;

public sealed class GrainStateTests : IDisposable
{
    private static readonly GrainId Key = new("stages", IStageCatalogGrain.Key);

    private readonly OpenStorage _open = new();

    public void Dispose() => _open.Dispose();

    [Fact]
    public async Task Another_state_is_written_read_and_conditional_on_its_version()
    {
        var row = New("first");
        await _open.Storage.WriteStateAsync(StageCatalogV1.StateName, Key, row);
        var old = await Read();
        row.State = New("second").State;
        await _open.Storage.WriteStateAsync(StageCatalogV1.StateName, Key, row);

        await Assert.ThrowsAsync<InconsistentStateException>(() => _open.Storage.WriteStateAsync(StageCatalogV1.StateName, Key, old));
        await Assert.ThrowsAsync<InconsistentStateException>(
            () => _open.Storage.WriteStateAsync(StageCatalogV1.StateName, Key, New("third")));

        var stored = await Read();
        Assert.Equal("second", Assert.Single(stored.State.Stages).Name);
        Assert.Equal("2", stored.ETag);
        Assert.True(stored.RecordExists);
    }

    [Fact]
    public async Task A_cleared_state_is_gone_and_no_older_writer_revives_it()
    {
        var row = New("first");
        await _open.Storage.WriteStateAsync(StageCatalogV1.StateName, Key, row);
        var old = await Read();

        await _open.Storage.ClearStateAsync(StageCatalogV1.StateName, Key, row);

        Assert.False(row.RecordExists);
        Assert.Empty(row.State.Stages);
        await Assert.ThrowsAsync<InconsistentStateException>(() => _open.Storage.WriteStateAsync(StageCatalogV1.StateName, Key, old));
        await Assert.ThrowsAsync<InconsistentStateException>(
            () => _open.Storage.WriteStateAsync(StageCatalogV1.StateName, Key, New("third")));
        Assert.False((await Read()).RecordExists);
        row.State = New("again").State;
        await _open.Storage.WriteStateAsync(StageCatalogV1.StateName, Key, row);
        Assert.Equal("3", (await Read()).ETag);
    }

    [Fact]
    public async Task A_state_under_the_name_of_another_type_is_refused()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => _open.Storage.WriteStateAsync(SessionV1.StateName, Key, New("first")));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => _open.Storage.WriteStateAsync("other", OpenStorage.SessionKey(OpenStorage.Id(1)), new GrainState<SessionV1>(new SessionV1())));
    }

    [Fact]
    public async Task A_type_without_a_json_contract_is_refused()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => _open.Storage.WriteStateAsync("other", Key, new GrainState<Version>(new Version(1, 0))));
    }

    [Fact]
    public async Task An_etag_of_elsewhere_is_refused()
    {
        var row = New("first");
        row.ETag = "\"abc\"";

        await Assert.ThrowsAsync<ArgumentException>(() => _open.Storage.WriteStateAsync(StageCatalogV1.StateName, Key, row));
    }

    private static GrainState<StageCatalogV1> New(string name) =>
        new(new StageCatalogV1 { Stages = [new StageV1 { Pk = OpenStorage.Id(1), Name = name }] });

    private async Task<GrainState<StageCatalogV1>> Read()
    {
        var row = new GrainState<StageCatalogV1>(new StageCatalogV1());
        await _open.Storage.ReadStateAsync(StageCatalogV1.StateName, Key, row);
        return row;
    }
}
