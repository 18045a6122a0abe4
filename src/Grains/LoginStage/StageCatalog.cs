namespace SessionCluster.LoginStage;

/// <summary>
/// The stages at one moment, and what saving or deleting one makes of them. Immutable: a change is a new catalog, which holds only
/// once it is stored.
/// </summary>
internal sealed class StageCatalog
{
    /// <summary>Most stages of a catalog.</summary>
    public const int MaxStages = 1000;

    /// <summary>The primary key of the stage that exists from the start.</summary>
    public static readonly Guid DefaultPk = new("5e551014-0de0-4a57-8001-de7a0175ea6e");

    private StageCatalog(IEnumerable<StageInfo> stages) =>
        Stages = [.. stages.OrderBy(stage => stage.Name, StringComparer.Ordinal)];

    /// <summary>The stage that exists from the start.</summary>
    public static StageInfo DefaultStage => StageInfo.New(DefaultPk, "default");

    public ImmutableArray<StageInfo> Stages { get; }

    /// <summary>
    /// The catalog of a stored row. While no row is stored it holds the default stage; the first change stores that as a stage
    /// like any other, so that it can be deleted for good.
    /// </summary>
    public static StageCatalog Of(StageCatalogV1 row, bool stored) => new(stored ? row.Stages : [DefaultStage]);

    public StageCatalogV1 ToRow() => new() { Stages = Stages };

    /// <summary>A stage by its primary key, else by its name; null when there is none.</summary>
    public StageInfo? Find(string nameOrPk)
    {
        // Events write it without hyphens.
        var byPk = Guid.TryParseExact(nameOrPk, "D", out var pk) || Guid.TryParseExact(nameOrPk, "N", out pk) ? Stages.FirstOrDefault(stage => stage.Pk == pk) : null;
        return byPk ?? Stages.FirstOrDefault(stage => string.Equals(stage.Name, nameOrPk, StringComparison.Ordinal));
    }

    /// <summary>Creates or replaces a stage. Creating one that is there replaces it, so that a repeat after an unknown outcome is safe.</summary>
    /// <returns>How it went, and the new catalog; null when nothing changes.</returns>
    public (StageSaveOutcome Outcome, StageCatalog? Next) Save(StageSave save)
    {
        var others = Stages.Where(stage => stage.Pk != save.Stage.Pk).ToArray();
        if (save.Before is { } before && !Stages.Contains(before))
        {
            return (others.Length == Stages.Length ? StageSaveOutcome.NotFound : StageSaveOutcome.Changed, null);
        }

        if (others.Any(stage => string.Equals(stage.Name, save.Stage.Name, StringComparison.Ordinal)))
        {
            return (StageSaveOutcome.NameTaken, null);
        }

        return others.Length >= MaxStages
            ? (StageSaveOutcome.TooMany, null)
            : (StageSaveOutcome.Saved, new StageCatalog(others.Append(save.Stage)));
    }

    /// <returns>Whether there was one, and the new catalog; null when nothing changes.</returns>
    public (bool Deleted, StageCatalog? Next) Delete(Guid pk)
    {
        var others = Stages.Where(stage => stage.Pk != pk).ToArray();
        return others.Length == Stages.Length ? (false, null) : (true, new StageCatalog(others));
    }
}

public sealed record StageCatalogV1 : ICatalogRow
{
    /// <summary>The state name that the catalog grain stores under.</summary>
    public const string StateName = "stages";

    public int Schema { get; init => field = StateJson.KnownSchema(value); } = 1;

    public ImmutableArray<StageInfo> Stages { get; init; } = [];

    /// <inheritdoc/>
    public EventInfo? Event { get; init; }
}
