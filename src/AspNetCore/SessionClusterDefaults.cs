namespace SessionCluster.AspNetCore;

/// <summary>Names.</summary>
public static class SessionClusterDefaults
{
    /// <summary>The name of the authentication scheme.</summary>
    public const string AuthenticationScheme = "SessionCluster";
}
