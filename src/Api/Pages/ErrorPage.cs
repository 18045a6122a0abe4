namespace SessionCluster.Api.Pages;

/// <summary>The model of the page for whatever went wrong.</summary>
/// <param name="Heading">What is the matter, in a sentence.</param>
/// <param name="Request">The request's id, by which the log has it.</param>
/// <param name="Ways">Where to go on, the best first.</param>
public sealed record ErrorModel(
    int Status, string Heading, string Text, string Request, DateTimeOffset At, IReadOnlyList<(string Url, string Text)> Ways) : IPageModel
{
    public required Frame Frame { get; init; }
}

/// <summary>Answers what goes wrong with a page that says so, where a person asks for a page.</summary>
internal static class ErrorPage
{
    private static readonly (string Url, string Text)[] Ways = [("/account/sessions/", "Your sessions"), ("/", "Start page")];

    private static readonly (string Url, string Text)[] ConsoleWays = [("/admin/", "Console"), ("/", "Start page")];

    // What is asked for by programs is answered in their form.
    private static readonly PathString[] ForPrograms = ["/api/v3", "/outpost", "/health", "/metrics", "/openapi", PageAssets.Folder];

    /// <summary>Whether an answer to this request is read by a person.</summary>
    public static bool IsFor(HttpRequest request) =>
        request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase)
        && !Array.Exists(ForPrograms, prefix => request.Path.StartsWithSegments(prefix, StringComparison.OrdinalIgnoreCase));

    public static Task Write(HttpContext context, ProblemType problem) => problem switch
    {
        { Status: 400 } => Write(context, 400, "This address does not make sense", "Something in the address is not as the page expects it."),
        { Status: 401 } => Write(context, 401, "Sign in first", "To see this, sign in."),
        _ when problem == Problem.Csrf && context.RequestServices.GetRequiredService<CsrfRule>().IsAtOtherUrl(context.Request) => Write(
            context, 403, "You may not do this from there",
            $"Open this server at {context.RequestServices.GetRequiredService<PublicSite>().Origin} and send it there. Whoever runs it sets PublicUrl to the URL that browsers use."),
        _ when problem == Problem.Csrf => Write(context, 403, "You may not do this from there", "This form came from another page. Go back and send it again."),
        { Status: 403 } => Write(context, 403, "You may not see this", "Your key has not the role for it."),
        { Status: 404 or 405 } => Write(context, problem.Status, "This page does not exist", "The address may be mistyped, or what it showed is gone."),
        { Status: 409 } => Write(context, 409, "It changed meanwhile", "Somebody else changed this since you opened it. Look at it again, then decide."),
        { Status: 413 } => Write(context, 413, "That was too much", "The form is larger than any of ours. Nothing was changed."),
        { Status: 503 } => Write(context, 503, "Too much at the moment", "Try again in a minute. Look first whether what you asked for was done."),
        _ => Write(context, problem.Status, "Something went wrong here", "It is not your fault. Look whether what you asked for was done, then try again."),
    };

    /// <summary>Writes a page with words of its own.</summary>
    public static Task Write(HttpContext context, int status, string heading, string text, params (string Url, string Text)[] ways)
    {
        var services = context.RequestServices;
        var time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        var model = new ErrorModel(status, heading, text, context.TraceIdentifier, time.GetUtcNow(), ways.Length > 0 ? ways : context.Request.Path.StartsWithSegments("/admin") ? ConsoleWays : Ways)
        {
            Frame = new Frame(heading) { Brand = services.GetRequiredService<IOptions<PageOptions>>().Value.Brand, Content = "centre" },
        };
        return PageWriter.Write(context, Error.Create(model), status);
    }
}
