namespace SessionCluster.Api.Pages;

/// <summary>Settings <c>Pages:*</c>: how pages call the site.</summary>
internal sealed class PageOptions : ICheckedOptions
{
    public const string Section = "Pages";

    /// <summary>The brand unless one is set.</summary>
    public const string DefaultBrand = "SessionCluster";

    private const int MaxLength = 60;

    /// <summary><c>Pages:Brand</c>: the name at the top of every page, 1 to 60 characters.</summary>
    public string Brand { get; set; } = DefaultBrand;

    /// <summary><c>Pages:FlowTitle</c>: the line over the questions of a login, up to 60 characters; unless set, the name of the flow.</summary>
    public string FlowTitle { get; set; } = "";

    public void Check(SettingsCheck check)
    {
        check.Require(
            !string.IsNullOrWhiteSpace(Brand) && Brand.Length <= MaxLength, nameof(Brand), $"must have 1 to {MaxLength} characters; it has {Brand.Length}.");
        check.Require(FlowTitle.Length <= MaxLength, nameof(FlowTitle), $"must have at most {MaxLength} characters; it has {FlowTitle.Length}.");
    }
}
