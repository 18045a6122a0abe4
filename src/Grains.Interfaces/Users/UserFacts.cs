namespace SessionCluster.Users;

/// <summary>What a caller says of a user at login; kept with the session and shown in lists and events.</summary>
/// <param name="Id">The primary key.</param>
/// <param name="Username">The login name; may be empty, never null.</param>
/// <param name="Email">The e-mail address; may be empty, never null.</param>
/// <param name="Name">The display name; may be empty, never null.</param>
[GenerateSerializer, Immutable, Alias("sc.user-facts")]
public sealed record UserFacts(
    [property: Id(0)] UserId Id,
    [property: Id(1)] string Username,
    [property: Id(2)] string Email,
    [property: Id(3)] string Name);
