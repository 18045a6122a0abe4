namespace SessionCluster.Api.Flows;

/// <summary>The name of a flow in paths: letters, digits, hyphens and underscores, as authentik's slugs.</summary>
internal static class FlowSlug
{
    /// <summary>Longest slug in characters.</summary>
    public const int MaxLength = 100;

    public static bool IsValid(string text) =>
        text.Length is > 0 and <= MaxLength && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_');

    /// <summary>The slug as a title for people: <c>default-authentication-flow</c> becomes "Default authentication flow".</summary>
    public static string Title(string slug)
    {
        var words = slug.Replace('-', ' ').Replace('_', ' ').Trim();
        return words.Length == 0 ? slug : char.ToUpperInvariant(words[0]) + words[1..];
    }

    /// <summary>The executor's path of a flow.</summary>
    public static string Executor(string slug) => $"/api/v3/flows/executor/{slug}/";

    /// <summary>The page's path of a flow.</summary>
    public static string Page(string slug) => $"/if/flow/{slug}/";

    public static string Of(HttpContext context) => context.Request.RouteValues["flow_slug"] as string ?? "";
}
