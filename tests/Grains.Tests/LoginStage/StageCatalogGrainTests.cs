using Orleans.Storage;
using SessionCluster.Bindings;
using SessionCluster.Events;
using SessionCluster.LoginStage;
using SessionCluster.Sessions;
using SessionCluster.Storage;

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
        var saving = grain.Save(new StageSave(Stage("mine"), Before: null));
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
        row.Stored = StageCatalog.Of(new StageCatalogV1(), stored: false).Save(new StageSave(Stage("mine"), Before: null)).Next!.ToRow();
        Assert.Equal(StageSaveOutcome.NameTaken, await grain.Save(new StageSave(Stage("mine"), Before: null)));
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
        row.Stored = StageCatalog.Of(new StageCatalogV1(), stored: false).Save(new StageSave(Stage("theirs"), Before: null)).Next!.ToRow();
        Assert.Equal(StageSaveOutcome.Saved, await grain.Save(new StageSave(Stage("mine"), Before: null)));
        Assert.Equal(["default", "mine", "theirs"], (await grain.List()).Select(stage => stage.Name));
        Assert.Equal(["default", "mine", "theirs"], row.Stored.Stages.Select(stage => stage.Name));
        Assert.Equal(2, row.Reads);
    }

    [Fact]
    public async Task Deleting_the_default_stage_stores_an_empty_catalog()
    {
        var row = new FakeRow<StageCatalogV1>();
        var grain = await Activate(row);
        Assert.True(await grain.Delete(StageCatalog.DefaultPk, new ChangedBy(null, null)));
        Assert.False(await grain.Delete(StageCatalog.DefaultPk, new ChangedBy(null, null)));
        Assert.Empty(await (await Activate(new FakeRow<StageCatalogV1> { Stored = row.Stored })).List());
    }

    [Fact]
    public async Task Each_change_is_told_with_what_changed_and_by_whom()
    {
        var events = new FakeEvents();
        var grain = await Activate(new FakeRow<StageCatalogV1>(), events);
        var by = new ChangedBy("admin-key", null);
        var stage = Stage("mine");

        await grain.Save(new StageSave(stage, Before: null, by));
        await grain.Save(new StageSave(stage with { NetworkBinding = NetworkBinding.Asn, TerminateOtherSessions = true }, stage, by));
        await grain.Delete(stage.Pk, by);
        await grain.Delete(stage.Pk, by);

        Assert.Equal(["model_created", "model_updated", "model_deleted"], events.Log.Select(e => e.Action));
        var model = $"\"model\":{{\"app\":\"authentik_stages_user_login\",\"model_name\":\"userloginstage\",\"pk\":\"{stage.Pk:N}\",\"name\":\"mine\"}},\"actor\":\"admin-key\"";
        const string Diff = """
            "diff":{"terminate_other_sessions":{"previous_value":false,"new_value":true},"network_binding":{"previous_value":"no_binding","new_value":"bind_asn"}}
            """;
        Assert.Equal([$"{{{model}}}", $"{{{model},{Diff}}}", $"{{{model}}}"], events.Log.Select(e => e.ContextJson));
        Assert.All(events.Log, e => Assert.Equal("", e.User.Id.Value));
    }

    [Fact]
    public async Task A_stage_that_is_named_like_the_key_of_another_is_not_told_of_in_its_place()
    {
        var events = new FakeEvents();
        var grain = await Activate(new FakeRow<StageCatalogV1>(), events);
        var stage = Stage("mine");

        await grain.Save(new StageSave(Stage($"{stage.Pk:D}"), Before: null));
        await grain.Save(new StageSave(stage, Before: null));
        await grain.Delete(stage.Pk, new ChangedBy(null, null));

        Assert.Equal(["model_created", "model_created", "model_deleted"], events.Log.Select(e => e.Action));
        Assert.All(events.Log.Skip(1), e => Assert.Contains("\"name\":\"mine\"", e.ContextJson, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_event_that_could_not_be_appended_is_appended_by_the_next_activation_once()
    {
        var row = new FakeRow<StageCatalogV1>();
        var events = new FakeEvents { Fails = true };
        var grain = await Activate(row, events);
        Assert.Equal(StageSaveOutcome.Saved, await grain.Save(new StageSave(Stage("mine"), Before: null)));

        Assert.NotNull(await (await Activate(row, events)).Find("mine"));
        Assert.Empty(events.Log);
        events.Fails = false;
        await Activate(row, events);
        await Activate(row, events);

        Assert.Equal("model_created", Assert.Single(events.Log).Action);
    }

    private static StageInfo Stage(string name) => StageCatalog.DefaultStage with { Pk = Guid.NewGuid(), Name = name };

    private static InconsistentStateException Conflict() => new("The row is at another version.", "2", "1");

    private static async Task<StageCatalogGrain> Activate(FakeRow<StageCatalogV1> row, FakeEvents? events = null)
    {
        await row.ReadStateAsync();
        row.Reads = 0;
        var activation = new FakeActivation("stages", IStageCatalogGrain.Key, Stub.Of<IGrainFactory>((method, _) => throw new NotSupportedException(method.Name)));
        var grain = activation.Make(() => new StageCatalogGrain(row, events ?? new FakeEvents(), new RandomIdSource(), TimeProvider.System));
        await grain.OnActivateAsync(CancellationToken.None);
        return grain;
    }

    /// <summary>A log that may take nothing, and takes nothing twice.</summary>
    private sealed class FakeEvents : IEventRows
    {
        public List<EventInfo> Log { get; } = [];

        public bool Fails { get; set; }

        public Task Append(EventInfo entry)
        {
            if (Fails)
            {
                throw new StorageUnavailableException("The log takes nothing.", outcomeUnknown: false);
            }

            if (Log.TrueForAll(known => known.Pk != entry.Pk))
            {
                Log.Add(entry);
            }

            return Task.CompletedTask;
        }

        public Task<EventPage> Search(EventQuery query) => throw new NotSupportedException();

        public Task<EventInfo?> Find(Guid pk) => throw new NotSupportedException();

        public Task<EventBatch> Read(EventCursorQuery query) => throw new NotSupportedException();
    }
}
