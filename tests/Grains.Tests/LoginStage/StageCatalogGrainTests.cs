using Orleans.Storage;
using SessionCluster.LoginStage;

namespace SessionCluster.Grains.Tests.LoginStage;

public sealed class StageCatalogGrainTests
{
    [Fact]
    public async Task A_read_beside_a_write_sees_what_was_committed_before()
    {
        var row = new FakeRow<StageCatalogV1>();
        var grain = await Activate(row);
        var written = new TaskCompletionSource();
        row.Writes.Enqueue(() => written.Task);
        var saving = grain.Save(new StageSave(Stage("mine"), Create: true));
        Assert.Null(await grain.Find("mine"));
        Assert.Single(await grain.List());
        written.SetResult();
        Assert.Equal(StageSaveOutcome.Saved, await saving);
        Assert.NotNull(await grain.Find("mine"));
    }

    [Fact]
    public async Task After_a_version_conflict_it_decides_again_on_what_is_stored()
    {
        var row = new FakeRow<StageCatalogV1>();
        var grain = await Activate(row);
        row.Writes.Enqueue(() => throw Conflict());
        row.Stored = StageCatalog.Of(new StageCatalogV1(), stored: false).Save(new StageSave(Stage("mine"), Create: true)).Next!.ToRow();
        Assert.Equal(StageSaveOutcome.NameTaken, await grain.Save(new StageSave(Stage("mine"), Create: true)));
        Assert.NotNull(await grain.Find("mine"));
        Assert.Equal(1, row.Reads);
    }

    [Fact]
    public async Task After_a_version_conflict_with_an_unrelated_change_both_hold()
    {
        var row = new FakeRow<StageCatalogV1>();
        var grain = await Activate(row);
        row.Writes.Enqueue(() => throw Conflict());
        row.Writes.Enqueue(() => throw Conflict());
        row.Stored = StageCatalog.Of(new StageCatalogV1(), stored: false).Save(new StageSave(Stage("theirs"), Create: true)).Next!.ToRow();
        Assert.Equal(StageSaveOutcome.Saved, await grain.Save(new StageSave(Stage("mine"), Create: true)));
        Assert.Equal(["default", "mine", "theirs"], (await grain.List()).Select(stage => stage.Name));
        Assert.Equal(["default", "mine", "theirs"], row.Stored.Stages.Select(stage => stage.Name));
        Assert.Equal(2, row.Reads);
    }

    [Fact]
    public async Task Deleting_the_default_stage_stores_an_empty_catalog()
    {
        var row = new FakeRow<StageCatalogV1>();
        var grain = await Activate(row);
        Assert.True(await grain.Delete(StageCatalog.DefaultPk));
        Assert.False(await grain.Delete(StageCatalog.DefaultPk));
        Assert.Empty(await (await Activate(new FakeRow<StageCatalogV1> { Stored = row.Stored })).List());
    }

    private static StageInfo Stage(string name) => StageCatalog.DefaultStage with { Pk = Guid.NewGuid(), Name = name };

    private static InconsistentStateException Conflict() => new("The row is at another version.", "2", "1");

    private static async Task<StageCatalogGrain> Activate(FakeRow<StageCatalogV1> row)
    {
        await row.ReadStateAsync();
        row.Reads = 0;
        var grain = new StageCatalogGrain(row);
        await grain.OnActivateAsync(CancellationToken.None);
        return grain;
    }
}
