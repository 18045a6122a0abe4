using SessionCluster.Bindings;

namespace SessionCluster.LoginStage;

/// <summary>A User Login stage: the six settings of the seed and its name. A login freezes them into its session.</summary>
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
    [property: Id(7)] GeoIpBinding GeoIpBinding);
