namespace SessionCluster.Api.Flows;

/// <summary>Who a login is about.</summary>
/// <param name="Avatar">The picture, as a data: URI.</param>
public sealed record PersonModel(string Name, string Avatar)
{
    internal static PersonModel Of(UserFacts user) => new(Frame.NameOf(user, user.Username), Sessions.Avatar.Of(user));
}

/// <summary>The question of a login.</summary>
public sealed record AskModel(
    FlowWords Words, string Title, PersonModel User, string Heading, string Text, string? Fault, string Action, string Mark, bool Prompts, Frame Frame) : IPageModel;

/// <summary>The refusal of a login.</summary>
public sealed record DeniedModel(FlowWords Words, string? Title, PersonModel? User, string Error, string CancelUrl, Frame Frame) : IPageModel;

/// <summary>The pages of the flow, in the language of the request. They need no script, and pictures of users are in data: URIs.</summary>
internal sealed class FlowPage(PublicSite site, IOptions<PageOptions> options)
{
    /// <summary>The words for an answer that is none.</summary>
    public const string NoAnswer = "ask.fault";

    /// <summary>The words for an answer about another plan than the one that is open now.</summary>
    public const string AnotherLogin = "ask.another";

    private const string Pictures = " data:";

    private readonly PageOptions _options = options.Value;

    /// <summary>Asks whether to stay signed in or, where the stage does not ask, to confirm the login.</summary>
    /// <param name="fault">The name of the words for what was wrong with the answer that was sent; null when there was none.</param>
    public Task Ask(HttpContext context, OpenPlan open, string? fault = null)
    {
        var words = FlowWords.For(context.Request);
        var heading = words[open.Stage.Prompts ? "ask.heading" : "confirm.heading"];
        var (without, with) = (open.Stage.SessionDuration.Value, open.Stage.SessionDuration.Plus(open.Stage.RememberMeOffset));
        var text = open.Stage.Prompts
            ? words.With("ask.text", words.Length(with), without == TimeSpan.Zero ? words["ask.browser"] : words.Length(without))
            : words["confirm.text"];
        var model = new AskModel(
            words, Title(open.Plan.FlowSlug), PersonModel.Of(open.User), heading, text, fault is null ? null : words[fault],
            FlowSlug.Page(open.Plan.FlowSlug), open.Mark, open.Stage.Prompts, FrameOf(words, heading));
        return PageWriter.Write(context, Flows.Ask.Create(model), formTargets: site.FormTargets, pictures: Pictures);
    }

    /// <summary>Says that the login is refused, and what the person can do.</summary>
    public Task Deny(HttpContext context, UserFacts? user, string error)
    {
        var words = FlowWords.For(context.Request);
        var text = words[error switch
        {
            Refusals.NoPendingUser => "denied.over",
            Refusals.SessionLimit => "denied.limit",
            _ => "denied.unknown",
        }];
        // Without a plan the flow's name is anybody's text.
        var model = new DeniedModel(
            words, user is null ? null : Title(FlowSlug.Of(context)), user is null ? null : PersonModel.Of(user), text, site.Options.LoginUrl,
            FrameOf(words, words["denied.heading"]));
        return PageWriter.Write(context, Denied.Create(model), StatusCodes.Status403Forbidden, formTargets: "'none'", pictures: Pictures);
    }

    private string Title(string slug) => _options.FlowTitle.Length > 0 ? _options.FlowTitle : FlowSlug.Title(slug);

    private Frame FrameOf(FlowWords words, string title) =>
        new(title) { Language = words.Language, Brand = _options.Brand, Content = "centre", Skip = words["skip"] };
}
