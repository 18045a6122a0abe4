using System.Collections.Concurrent;
using System.Collections.Immutable;
using SessionCluster.Bindings;
using SessionCluster.LoginStage;

namespace SessionCluster.Api.Tests.Http;

/// <summary>Stages of a few lines.</summary>
internal sealed class FakeCatalog : IStageCatalogGrain
{
    private readonly ConcurrentDictionary<Guid, StageInfo> _stages = new();

    public FakeCatalog()
    {
        Put("default", TimeSpan.Zero);
        Put("asking", TimeSpan.FromDays(30));
    }

    public StageInfo Put(string name, TimeSpan offset)
    {
        var stage = new StageInfo(
            Guid.NewGuid(), name, Duration.Zero, new Duration($"seconds={offset.TotalSeconds}", offset), new Duration("days=30", TimeSpan.FromDays(30)),
            false, NetworkBinding.None, GeoIpBinding.None);
        _stages[stage.Pk] = stage;
        return stage;
    }

    /// <summary>Stores a stage as it is.</summary>
    public void Put(StageInfo stage) => _stages[stage.Pk] = stage;

    /// <summary>What somebody else does before the next stage is saved.</summary>
    public Action? Meanwhile { get; set; }

    public Task<StageInfo?> Find(string nameOrPk) =>
        Task.FromResult(_stages.Values.FirstOrDefault(stage => stage.Name == nameOrPk || stage.Pk.ToString() == nameOrPk));

    public Task<ImmutableArray<StageInfo>> List() => Task.FromResult(_stages.Values.OrderBy(stage => stage.Name, StringComparer.Ordinal).ToImmutableArray());

    public Task<StageSaveOutcome> Save(StageSave save)
    {
        var meanwhile = Meanwhile;
        Meanwhile = null;
        meanwhile?.Invoke();
        if (save.Before is { } before && _stages[before.Pk] != before)
        {
            return Task.FromResult(StageSaveOutcome.Changed);
        }

        if (_stages.Values.Any(stage => stage.Name == save.Stage.Name && stage.Pk != save.Stage.Pk))
        {
            return Task.FromResult(StageSaveOutcome.NameTaken);
        }

        _stages[save.Stage.Pk] = save.Stage;
        return Task.FromResult(StageSaveOutcome.Saved);
    }

    public Task<bool> Delete(Guid pk, ChangedBy by) => Task.FromResult(_stages.TryRemove(pk, out _));
}
