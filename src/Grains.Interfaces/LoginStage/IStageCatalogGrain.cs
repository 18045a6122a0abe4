using System.Text.Json.Serialization;

namespace SessionCluster.LoginStage;

/// <summary>
/// All User Login stages: one grain (key <see cref="Key"/>), because names are unique across them and there are few.
/// Reads interleave; a write is one conditional write of the catalog row, with the event that tells of it.
/// </summary>
[Alias("sc.stage-catalog"), GrainInterfaceType(GrainLookup.StagesName)]
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
/// <param name="Before">The stage that it was made of, so that what others have changed meanwhile is not undone; null to create one.</param>
/// <param name="By">Who asked, for the event.</param>
[GenerateSerializer, Immutable, Alias("sc.stage-save")]
public sealed record StageSave([property: Id(0)] StageInfo Stage, [property: Id(1)] StageInfo? Before, [property: Id(2)] ChangedBy? By = null);

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

    /// <summary>The stage is another one than it was made of: read it and make the change again.</summary>
    Changed = 4,
}

/// <summary>A User Login stage: authentik's six settings (docs/login-stage.md) and its name. A login freezes them into its session.</summary>
/// <param name="Pk">Primary key.</param>
/// <param name="Name">Unique name.</param>
/// <param name="SessionDuration">Lifetime of the session; zero ends it with the browser.</param>
/// <param name="RememberMeOffset">Added to the lifetime when the user says yes; above zero the user is asked.</param>
/// <param name="RememberDevice">Life of the known-device cookie; under one second there is none.</param>
/// <param name="TerminateOtherSessions">Whether a login ends every other session of its user.</param>
/// <param name="NetworkBinding">Network binding of the sessions.</param>
/// <param name="GeoIpBinding">GeoIP binding of the sessions.</param>
[GenerateSerializer, Immutable, Alias("sc.stage-info")]
public sealed record StageInfo(
    [property: Id(0)] Guid Pk,
    [property: Id(1)] string Name,
    [property: Id(2)] Duration SessionDuration,
    [property: Id(3)] Duration RememberMeOffset,
    [property: Id(4)] Duration RememberDevice,
    [property: Id(5)] bool TerminateOtherSessions,
    [property: Id(6)] NetworkBinding NetworkBinding,
    [property: Id(7)] GeoIpBinding GeoIpBinding) : Sensitive
{
    /// <summary>Whether it asks "Stay signed in?".</summary>
    [JsonIgnore]
    public bool Prompts => RememberMeOffset.Value > TimeSpan.Zero;

    /// <summary>A stage with the defaults of docs/login-stage.md.</summary>
    public static StageInfo New(Guid pk, string name) => new(
        pk, name, Duration.Zero, Duration.Zero, Duration.Load("days=30"), false, NetworkBinding.None, GeoIpBinding.None);
}
