using System.Collections.Immutable;
using SessionCluster.Sessions;

namespace SessionCluster.LoginStage;

/// <summary>
/// All User Login stages: one grain (key <see cref="Key"/>), because names are unique across them and there are few.
/// Reads interleave; a write is one conditional write of the catalog row, with the event that tells of it.
/// </summary>
[Alias("sc.stage-catalog")]
public interface IStageCatalogGrain : IGrainWithStringKey
{
    /// <summary>The key of the one catalog.</summary>
    public const string Key = "l:stages";

    /// <summary>A stage by its primary key (UUID text) or its name; null when there is none. A primary key wins over a name.</summary>
    [Alias("find"), AlwaysInterleave]
    Task<StageInfo?> Find(string nameOrPk);

    /// <summary>All stages, by name.</summary>
    [Alias("list"), AlwaysInterleave]
    Task<ImmutableArray<StageInfo>> List();

    /// <summary>Creates the stage, or replaces the one of the same primary key. Names are unique, compared ordinally.</summary>
    [Alias("save")]
    Task<StageSaveOutcome> Save(StageSave save);

    /// <summary>Deletes a stage; sessions that it made live on. False when there was none.</summary>
    [Alias("delete-stage")]
    Task<bool> Delete(Guid pk, ChangedBy by);
}

/// <summary>A stage to be stored.</summary>
/// <param name="Stage">The whole stage.</param>
/// <param name="Create">True to create, false to replace an existing one.</param>
/// <param name="By">Who asked, for the event.</param>
[GenerateSerializer, Immutable, Alias("sc.stage-save")]
public sealed record StageSave([property: Id(0)] StageInfo Stage, [property: Id(1)] bool Create, [property: Id(2)] ChangedBy? By = null);

/// <summary>Who asked for a change.</summary>
/// <param name="Actor">The name of the api key; null when no service asked.</param>
/// <param name="Client">Where the request came from.</param>
[GenerateSerializer, Immutable, Alias("sc.changed-by")]
public sealed record ChangedBy([property: Id(0)] string? Actor, [property: Id(1)] ClientFacts? Client);

/// <summary>How saving a stage went.</summary>
public enum StageSaveOutcome
{
    /// <summary>Stored.</summary>
    Saved = 0,

    /// <summary>Another stage has that name.</summary>
    NameTaken = 1,

    /// <summary>There is no stage of that primary key to replace.</summary>
    NotFound = 2,

    /// <summary>The catalog holds its most stages already.</summary>
    TooMany = 3,
}
