namespace SessionCluster.Api.Sessions;

/// <summary>The words of refused logins: authentik's, as far as it has them.</summary>
internal static class Refusals
{
    /// <summary>There is nobody to log in.</summary>
    public const string NoPendingUser = "No Pending user to login.";

    /// <summary>Said of every refusal of a user, so that it tells nothing about them.</summary>
    public const string UnknownError = "Unknown error";

    /// <summary>The user has the most sessions allowed.</summary>
    public const string SessionLimit = "You have the most sessions allowed. End one of them first.";
}
