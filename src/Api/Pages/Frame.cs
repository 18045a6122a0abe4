namespace SessionCluster.Api.Pages;

/// <summary>What stands around the content of a page.</summary>
/// <param name="Title">The document's title; the brand follows it.</param>
public sealed record Frame(string Title)
{
    /// <summary>What a person is called on a page: by the preferred name, or by whatever else is known of them.</summary>
    internal static string NameOf(UserFacts user, string preferred) =>
        new[] { preferred, user.Username, user.Name, user.Email, user.Id.Value }.First(text => text.Length > 0);

    public string Language { get; init; } = "en";

    /// <summary>The name at the top.</summary>
    public string Brand { get; init; } = PageOptions.DefaultBrand;

    /// <summary>The part of the product behind the brand; null for none.</summary>
    public string? Area { get; init; }

    /// <summary>Who is signed in; null for nobody.</summary>
    public string? Who { get; init; }

    /// <summary>A second line about them.</summary>
    public string? WhoElse { get; init; }

    /// <summary>Where the form leads that signs out; null for none.</summary>
    public string? SignOut { get; init; }

    /// <summary>The session whose page it is, which that form names; null in the console.</summary>
    public SessionId? Session { get; init; }

    /// <summary>The class of the content's element: <c>column</c>, <c>centre</c>; null in the console.</summary>
    public string? Content { get; init; }

    /// <summary>The place of the console's menu that is open; null outside of the console.</summary>
    public ConsolePlace? Place { get; init; }

    /// <summary>Whether the console's menu has what the role read opens.</summary>
    public bool CanRead { get; init; }

    /// <summary>Whether buttons that change something are there: the role manage.</summary>
    public bool CanManage { get; init; }

    public string? Foot { get; init; }

    /// <summary>Whether a script makes the page live.</summary>
    public bool IsLive { get; init; }

    /// <summary>Text for the link over the menu.</summary>
    public string Skip { get; init; } = "Skip to content";
}

/// <summary>Places of the console's menu.</summary>
public enum ConsolePlace
{
    Overview,
    Sessions,
    Users,
    Events,
    Stages,
    Bindings,
    Cluster,
}

public interface IPageModel
{
    /// <summary>What stands around it.</summary>
    Frame Frame { get; }
}
