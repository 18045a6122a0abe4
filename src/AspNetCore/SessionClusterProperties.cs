using Microsoft.AspNetCore.Authentication;

namespace SessionCluster.AspNetCore;

/// <summary>What a sign-in can say beside IsPersistent, and which session properties are of.</summary>
public static class SessionClusterProperties
{
    private const string StageItem = ".sessioncluster.stage";

    private const string MethodItem = ".sessioncluster.method";

    /// <summary>Runs the sign-in through another stage than the options say.</summary>
    /// <param name="properties">The properties of the sign-in.</param>
    /// <param name="stage">Name or key of the stage.</param>
    public static AuthenticationProperties SetStage(this AuthenticationProperties properties, string stage) => Set(properties, StageItem, stage);

    /// <summary>Says how the user proved who they are, such as <c>auth_webauthn_pwl</c>; <c>password</c> unless set.</summary>
    /// <param name="properties">The properties of the sign-in.</param>
    /// <param name="method">The method, in authentik's names.</param>
    public static AuthenticationProperties SetAuthMethod(this AuthenticationProperties properties, string method) => Set(properties, MethodItem, method);

    /// <summary>The uuid of the session that these are the properties of, as <c>AuthenticateAsync</c> gives them; null where they are of none.</summary>
    /// <param name="properties">The properties of a request's authentication.</param>
    public static Guid? Session(this AuthenticationProperties properties)
    {
        ArgumentNullException.ThrowIfNull(properties);
        return Guid.TryParse(properties.GetString(SessionClusterTicketStore.SessionItem), out var session) ? session : null;
    }

    internal static string? Stage(this AuthenticationProperties properties) => properties.GetString(StageItem);

    internal static string? AuthMethod(this AuthenticationProperties properties) => properties.GetString(MethodItem);

    private static AuthenticationProperties Set(AuthenticationProperties properties, string item, string value)
    {
        ArgumentNullException.ThrowIfNull(properties);
        ArgumentException.ThrowIfNullOrWhiteSpace(value);
        properties.SetString(item, value);
        return properties;
    }
}
