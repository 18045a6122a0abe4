using System.Collections.Immutable;
using SessionCluster.Bindings;

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

    private readonly ImmutableArray<StageInfo> _stages;

    private StageCatalog(IEnumerable<StageInfo> stages) =>
        _stages = [.. stages.OrderBy(stage => stage.Name, StringComparer.Ordinal)];

    /// <summary>The stage that exists from the start, with the defaults of docs/login-stage.md.</summary>
    public static StageInfo DefaultStage => new(
        DefaultPk, "default", Duration.Zero, Duration.Zero, Duration.Load("days=30"), false, NetworkBinding.None, GeoIpBinding.None);

    /// <summary>All stages, by name.</summary>
    public ImmutableArray<StageInfo> Stages => _stages;

    /// <summary>
    /// The catalog of a stored row. While no row is stored it holds the default stage; the first change stores that as a stage
    /// like any other, so that it can be deleted for good.
    /// </summary>
    public static StageCatalog Of(StageCatalogV1 row, bool stored)
    {
        ArgumentNullException.ThrowIfNull(row);
        return new StageCatalog(stored ? row.Stages.Select(FromRow) : [DefaultStage]);
    }

    /// <summary>The row that stores this catalog.</summary>
    public StageCatalogV1 ToRow() => new() { Stages = [.. _stages.Select(ToRow)] };

    /// <summary>A stage by its primary key, else by its name; null when there is none.</summary>
    public StageInfo? Find(string nameOrPk)
    {
        var byPk = Guid.TryParseExact(nameOrPk, "D", out var pk) ? _stages.FirstOrDefault(stage => stage.Pk == pk) : null;
        return byPk ?? _stages.FirstOrDefault(stage => string.Equals(stage.Name, nameOrPk, StringComparison.Ordinal));
    }

    /// <summary>
    /// Creates or replaces a stage. Creating one that is there replaces it, so that a repeat after an unknown outcome is safe.
    /// </summary>
    /// <returns>How it went, and the new catalog; null when nothing changes.</returns>
    public (StageSaveOutcome Outcome, StageCatalog? Next) Save(StageSave save)
    {
        ArgumentNullException.ThrowIfNull(save);
        var others = _stages.Where(stage => stage.Pk != save.Stage.Pk).ToArray();
        var exists = others.Length < _stages.Length;
        if (!exists && !save.Create)
        {
            return (StageSaveOutcome.NotFound, null);
        }

        if (others.Any(stage => string.Equals(stage.Name, save.Stage.Name, StringComparison.Ordinal)))
        {
            return (StageSaveOutcome.NameTaken, null);
        }

        return others.Length >= MaxStages
            ? (StageSaveOutcome.TooMany, null)
            : (StageSaveOutcome.Saved, new StageCatalog(others.Append(save.Stage)));
    }

    /// <summary>Deletes a stage.</summary>
    /// <returns>Whether there was one, and the new catalog; null when nothing changes.</returns>
    public (bool Deleted, StageCatalog? Next) Delete(Guid pk)
    {
        var others = _stages.Where(stage => stage.Pk != pk).ToArray();
        return others.Length == _stages.Length ? (false, null) : (true, new StageCatalog(others));
    }

    private static StageInfo FromRow(StageV1 row) => new(
        row.Pk,
        row.Name,
        Duration.Load(row.SessionDuration),
        Duration.Load(row.RememberMeOffset),
        Duration.Load(row.RememberDevice),
        row.TerminateOtherSessions,
        row.NetworkBinding,
        row.GeoIpBinding);

    private static StageV1 ToRow(StageInfo stage) => new()
    {
        Pk = stage.Pk,
        Name = stage.Name,
        SessionDuration = stage.SessionDuration.Text,
        RememberMeOffset = stage.RememberMeOffset.Text,
        RememberDevice = stage.RememberDevice.Text,
        TerminateOtherSessions = stage.TerminateOtherSessions,
        NetworkBinding = stage.NetworkBinding,
        GeoIpBinding = stage.GeoIpBinding,
    };
}
